## Idiomas

locale-name = Español
locale-choose = Idioma

## Títulos y botones

title-login = Iniciar sesión
title-register = Crear una cuenta
action-login = Iniciar sesión
action-register = Crear una cuenta
title-welcome = Bienvenida
title-logout = Cerrar sesión
title-with_error = Error: { $title }
submit-login = Iniciar sesión
submit-register = Crear cuenta
submit-logout = Cerrar sesión
submit-other = Enviar

## Campos

label-this_field = Este campo
label-id = Identificador
label-email = Correo electrónico
label-identifier = Correo electrónico o nombre de usuario
label-login = Correo electrónico o nombre de usuario
label-name = Nombre
label-password = Contraseña
label-password_confirm = Repita la contraseña
label-username = Nombre de usuario
hint-new_password = Al menos { $min } caracteres. Unas cuantas palabras juntas son fáciles de recordar.
hint-optional = opcional
hint-choose = Elija

## Lo que no está bien en un campo

field-error = Error:
field-required = «{ $label }» no puede estar vacío
field-required-email = Escriba su correo electrónico
field-required-name = Escriba su nombre
field-required-password = Escriba su contraseña
field-required-password_confirm = Escriba otra vez la contraseña
field-required-username = Escriba su nombre de usuario
field-required_hidden = Este enlace está incompleto. Ábralo otra vez o pida uno nuevo.
field-email = Escriba un correo electrónico como nombre@example.com
field-too_short = «{ $label }» debe tener al menos { $min } caracteres
field-too_long = «{ $label }» debe tener como máximo { $max } caracteres
field-mismatch = No es igual que lo que escribió antes
field-mismatch-password_confirm = Las dos contraseñas no son iguales
field-not_text = «{ $label }» debe ser texto
field-pattern = «{ $label }» no tiene la forma correcta
field-url = Escriba una dirección web como https://example.com
field-tel = Escriba un número de teléfono como +49 30 123456
field-number = «{ $label }» debe ser un número
field-too_small = «{ $label }» debe ser como mínimo { $min }
field-too_large = «{ $label }» debe ser como máximo { $max }
field-date = Escriba una fecha como 2026-01-31
field-too_early = «{ $label }» no puede ser antes del { $min }
field-too_late = «{ $label }» no puede ser después del { $max }
field-choice = «{ $label }»: elija una de las opciones
field-not_yes_or_no = «{ $label }» debe ser sí o no
field-not_accepted = Hay que marcar esta casilla para continuar: { $label }
field-control = «{ $label }» contiene caracteres que no se pueden usar
field-repeated = «{ $label }» se envió más de una vez
field-unknown = Aquí no hay ningún campo «{ $label }»
field-refused = «{ $label }» no se puede usar. Elija otra opción
identifier-taken = Ya existe una cuenta con este nombre o esta dirección
identifier-taken-email = Ya existe una cuenta con este correo electrónico
password-weak = Esta contraseña es fácil de adivinar. Elija una más larga o con palabras menos comunes.

## Lo que no está bien en un formulario entero

summary-title = Hay un problema
credentials-invalid = Los datos de acceso no son correctos. Revíselos e inténtelo de nuevo.
rate_limited = Hubo demasiados intentos.
csrf-expired = Su navegador no mostró que este formulario viniera de este sitio, así que no se envió nada. Envíelo de nuevo desde aquí.
form-done = Hecho.
input-conflict = Mientras tanto, otra persona lo ha cambiado o lo ha ocupado. Vuelva a cargar la página para ver cómo está ahora.
page-not_there = Una parte de esta página no se puede mostrar ahora.
input-refused = No se aceptó lo que escribió. Revíselo e inténtelo de nuevo.
session-too_large = No se pudo iniciar la sesión, porque su cuenta tiene más datos de los que caben. Comuníquelo a quien administra este sitio.
backend-unreachable = El servicio detrás de esta página no está disponible ahora. No es culpa suya; inténtelo de nuevo dentro de un momento.
backend-timeout = El servicio detrás de esta página tardó demasiado en responder. Inténtelo de nuevo dentro de un momento.
backend-error = El servicio detrás de esta página tuvo un problema. Inténtelo de nuevo dentro de un momento.
backend-protocol = El servicio detrás de esta página dio una respuesta que no se pudo leer. Inténtelo de nuevo más tarde.
unknown = No ha funcionado. Inténtelo de nuevo. ({ $code })

## Avisos

session-not_kept = Usted inició sesión, pero su navegador volvió sin ella. Permita las cookies de este sitio e inténtelo de nuevo; si vuelve a ocurrir, comuníquelo a quien lo administra.
session-expired = Su sesión ha terminado. Inicie sesión para continuar.
session-signed_out = No ha iniciado sesión.
session-logged_out = Ha cerrado la sesión.
account-registered = Su cuenta está lista. Ya puede iniciar sesión.
account-verify_mail = Mire su correo: le hemos enviado un enlace para confirmar su dirección.

## Espera

retry-line = Puede intentarlo de nuevo { $when }.
retry-seconds = { $seconds ->
    [one] dentro de 1 segundo
   *[other] dentro de { $seconds } segundos
}
retry-minutes = { $minutes ->
    [one] dentro de 1 minuto
   *[other] dentro de { $minutes } minutos
}
duration-seconds = { $count ->
    [one] 1 segundo
   *[other] { $count } segundos
}
duration-minutes = { $count ->
    [one] 1 minuto
   *[other] { $count } minutos
}
duration-hours = { $count ->
    [one] 1 hora
   *[other] { $count } horas
}
duration-days = { $count ->
    [one] 1 día
   *[other] { $count } días
}

## Páginas

nav-label = Páginas
login-no_account = ¿Es su primera visita?
login-forgot = ¿Ha olvidado su contraseña?
login-next = Inicie sesión y llegará a la página que pidió.
register-have_account = ¿Ya tiene una cuenta?
welcome-hello = Le damos la bienvenida
welcome-hello_name = Le damos la bienvenida, { $name }
welcome-signed_in = Ha iniciado sesión.
welcome-account = Su cuenta
welcome-session = Su sesión
session-renews = Válida todavía durante { $time }. Se renueva sola mientras usa el sitio.
session-ends = Válida todavía durante { $time }. Después, inicie sesión de nuevo.
session-renews_unknown = Sigue abierta mientras usa el sitio.
session-unknown = Sigue abierta hasta que el servicio la termine.
session-refresh = Comprobar de nuevo
sessions-this = Este es el navegador que está usando ahora.
sessions-unknown = Navegador o aplicación desconocidos
sessions-since = Inicio de sesión
sessions-used = Último uso
sessions-from = Desde
sessions-end = Cerrar esta sesión
sessions-none = No hay sesiones que mostrar.
logout-question = ¿Quiere cerrar la sesión?
logout-stay = Seguir con la sesión abierta
error-home = Ir a la página de inicio
error-retry = Intentar de nuevo
error-request = Si pide ayuda, mencione este número:

error-400-title = No se entendió la petición
error-400-detail = Puede que la dirección o el formulario estén dañados. Vuelva atrás e inténtelo de nuevo.
error-401-title = Inicie sesión
error-401-detail = Esta página es solo para quien ha iniciado sesión.
error-403-title = Eso no está permitido
error-403-detail = No puede ver esta página, o no puede hacer lo que intentó.
error-404-title = Página no encontrada
error-404-detail = No hay nada en esta dirección. Compruebe que esté bien escrita.
error-405-title = Eso no se puede hacer aquí
error-405-detail = La página existe, pero no acepta este tipo de petición.
error-408-title = Tardó demasiado en llegar
error-408-detail = Lo que envió se detuvo por el camino, así que ya no esperamos el resto. Envíelo de nuevo.
error-413-title = Era demasiado grande
error-413-detail = Lo que envió es más grande de lo que acepta esta página.
error-415-title = Ese formato no se acepta
error-415-detail = Lo que envió está en un formato que esta página no acepta.
error-422-title = No se pudo aceptar
error-422-detail = Algo de lo que envió no está bien. Vuelva atrás y revíselo.
error-429-title = Demasiadas peticiones
error-429-detail = Espere un poco antes de continuar.
error-500-title = Algo salió mal
error-500-detail = El fallo es nuestro. Inténtelo de nuevo dentro de un momento.
error-502-title = El servicio tuvo un problema
error-502-detail = Dio una respuesta que no pudimos usar. Inténtelo de nuevo dentro de un momento.
error-503-title = El servicio no está disponible
error-503-detail = No se puede contactar con él ahora. Si había iniciado sesión, sigue abierta; inténtelo de nuevo dentro de un momento.
error-504-title = El servicio tardó demasiado
error-504-detail = No respondió a tiempo. Inténtelo de nuevo dentro de un momento.

## Errores de una aplicación detrás de la puerta

error-upstream-unreachable-title = No se puede contactar con la aplicación
error-upstream-unreachable-detail = Puede que esté arrancando o detenida. Si había iniciado sesión, sigue abierta; inténtelo de nuevo dentro de un momento.
error-upstream-timeout-title = La aplicación tardó demasiado
error-upstream-timeout-detail = No respondió a tiempo. Si envió algo, mire si llegó antes de enviarlo de nuevo.
error-upstream-error-title = La aplicación tuvo un problema
error-upstream-error-detail = Se interrumpió, o dio una respuesta que no pudimos usar. Si envió algo, mire si llegó antes de enviarlo de nuevo.
error-upstream-loop-title = No se encuentra la aplicación
error-upstream-loop-detail = El camino hacia ella vuelve a donde empezó. Comuníquelo a quien administra este sitio.

## Correos. { $site } es el nombre del sitio.

mail-hello = Hola:
mail-hello_name = Hola, { $name }:
mail-link-life = El enlace sirve una sola vez, durante { $time }.
mail-link-copy = Si el botón no funciona, abra esta dirección:
mail-reset-subject = Elija una contraseña nueva para { $site }
mail-reset-text = Alguien, esperamos que usted, ha pedido una contraseña nueva para su cuenta en { $site }. Abra este enlace para elegirla:
mail-reset-button = Elegir una contraseña nueva
mail-reset-not_you = Si no fue usted, no haga nada: su contraseña sigue como está.
mail-verify-subject = Confirme su correo electrónico para { $site }
mail-verify-text = Esta dirección se escribió en { $site }. Abra este enlace para confirmar que es suya:
mail-verify-button = Confirmar la dirección
mail-verify-not_you = Si no sabe por qué ha recibido esto, no haga nada.

## Lo que dice el servicio incorporado

said-incorrect-email-or-password = El correo electrónico o la contraseña no son correctos
said-email-already-registered = Ya existe una cuenta con este correo electrónico
said-the-e-mail-address-is-not-verified-yet-open-the-link-in-the-mail-that-was-sent-to-it = El correo electrónico aún no está confirmado; abra el enlace del mensaje que se le envió
said-this-is-not-your-password = Esta no es su contraseña.
said-the-current-password-is-needed-to-change-the-e-mail = Para cambiar el correo electrónico hace falta la contraseña actual.
said-the-password-must-have-at-least-8-characters = La contraseña debe tener al menos 8 caracteres.
said-the-password-may-have-at-most-1024-bytes = La contraseña debe tener como máximo 1024 bytes.
said-this-password-is-one-of-the-most-common-ones = Esta contraseña es una de las más comunes.
said-the-password-must-not-be-the-e-mail-address = La contraseña no puede ser el correo electrónico.
said-this-link-is-not-complete-or-not-one-of-ours = Este enlace está incompleto o no es nuestro
said-this-link-is-too-old-or-there-is-a-newer-one = Este enlace es demasiado antiguo, o hay uno más reciente
said-this-link-was-used-already = Este enlace ya se usó
said-this-site-sends-no-mails-its-operator-has-to-set-up-mail = Este sitio no envía correos; quien lo administra debe configurar [mail]
said-there-is-no-such-session = Esa sesión no existe
said-too-many-attempts = Demasiados intentos
said-this-field-is-required = Este campo no puede estar vacío.
said-this-field-must-be-a-text = Este campo debe ser texto.
said-this-is-not-a-valid-e-mail-address = Este correo electrónico no es válido.
said-the-name-may-have-at-most-200-characters = El nombre debe tener como máximo 200 caracteres.

## El pie de cada página, donde están definidas las opciones de estos nombres

nav-home = Inicio
link-privacy = Privacidad
link-terms = Condiciones
link-imprint = Aviso legal
link-support = Ayuda
