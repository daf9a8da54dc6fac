## Sprachen

locale-name = Deutsch
locale-choose = Sprache

## Überschriften und Knöpfe

title-login = Anmelden
title-register = Konto anlegen
action-login = Anmelden
action-register = Konto anlegen
title-welcome = Willkommen
title-logout = Abmelden
title-with_error = Fehler: { $title }
submit-login = Anmelden
submit-register = Konto anlegen
submit-logout = Abmelden
submit-other = Absenden

## Felder

label-this_field = Dieses Feld
label-id = Benutzernummer
label-email = E-Mail-Adresse
label-identifier = E-Mail-Adresse oder Benutzername
label-login = E-Mail-Adresse oder Benutzername
label-name = Name
label-password = Passwort
label-password_confirm = Passwort wiederholen
label-username = Benutzername
hint-new_password = Mindestens { $min } Zeichen. Einige Wörter hintereinander lassen sich gut merken.
hint-optional = freiwillig
hint-choose = Bitte wählen

## Was an einem Feld nicht stimmt

field-error = Fehler:
field-required = „{ $label }“ darf nicht leer sein
field-required-email = Geben Sie Ihre E-Mail-Adresse ein
field-required-name = Geben Sie Ihren Namen ein
field-required-password = Geben Sie Ihr Passwort ein
field-required-password_confirm = Geben Sie das Passwort noch einmal ein
field-required-username = Geben Sie Ihren Benutzernamen ein
field-required_hidden = Dieser Link ist nicht vollständig. Öffnen Sie ihn noch einmal, oder fordern Sie einen neuen an.
field-email = Geben Sie eine E-Mail-Adresse wie name@example.com ein
field-too_short = „{ $label }“ muss mindestens { $min } Zeichen haben
field-too_long = „{ $label }“ darf höchstens { $max } Zeichen haben
field-mismatch = Das stimmt nicht mit der ersten Eingabe überein
field-mismatch-password_confirm = Die beiden Passwörter sind nicht gleich
field-not_text = „{ $label }“ muss Text sein
field-pattern = „{ $label }“ hat nicht die richtige Form
field-url = Geben Sie eine Internetadresse wie https://example.com ein
field-tel = Geben Sie eine Telefonnummer wie +49 30 123456 ein
field-number = „{ $label }“ muss eine Zahl sein
field-too_small = „{ $label }“ muss mindestens { $min } sein
field-too_large = „{ $label }“ darf höchstens { $max } sein
field-date = Geben Sie ein Datum wie 2026-01-31 ein
field-too_early = „{ $label }“ darf nicht vor dem { $min } liegen
field-too_late = „{ $label }“ darf nicht nach dem { $max } liegen
field-choice = „{ $label }“: Wählen Sie eine der Möglichkeiten
field-not_yes_or_no = „{ $label }“ muss Ja oder Nein sein
field-not_accepted = Um fortzufahren, ist hier ein Häkchen nötig: { $label }
field-control = „{ $label }“ enthält Zeichen, die nicht verwendet werden können
field-repeated = „{ $label }“ wurde mehr als einmal gesendet
field-unknown = Ein Feld „{ $label }“ gibt es hier nicht
field-refused = „{ $label }“ kann so nicht verwendet werden. Wählen Sie etwas anderes
identifier-taken = Mit diesem Namen oder dieser Adresse gibt es schon ein Konto
identifier-taken-email = Mit dieser E-Mail-Adresse gibt es schon ein Konto
password-weak = Dieses Passwort ist leicht zu erraten. Wählen Sie ein längeres oder eines mit selteneren Wörtern.

## Was an einem Formular als Ganzem nicht stimmt

summary-title = Es gibt ein Problem
credentials-invalid = Die Anmeldedaten stimmen nicht. Prüfen Sie sie und versuchen Sie es noch einmal.
rate_limited = Es waren zu viele Versuche.
csrf-expired = Ihr Browser hat nicht gezeigt, dass dieses Formular von dieser Seite stammt; deshalb wurde nichts gesendet. Bitte senden Sie es von hier aus noch einmal.
form-done = Erledigt.
input-conflict = Jemand anderes hat dies inzwischen geändert oder belegt. Laden Sie die Seite neu, um den jetzigen Stand zu sehen.
page-not_there = Ein Teil dieser Seite kann gerade nicht angezeigt werden.
input-refused = Ihre Eingabe wurde nicht angenommen. Prüfen Sie sie und versuchen Sie es noch einmal.
session-too_large = Sie konnten nicht angemeldet werden, weil zu Ihrem Konto mehr Angaben gehören, als Platz haben. Bitte sagen Sie es denen, die diese Seite betreiben.
backend-unreachable = Der Dienst hinter dieser Seite ist gerade nicht erreichbar. Es liegt nicht an Ihnen; bitte versuchen Sie es gleich noch einmal.
backend-timeout = Der Dienst hinter dieser Seite hat zu lange gebraucht. Bitte versuchen Sie es gleich noch einmal.
backend-error = Der Dienst hinter dieser Seite hatte eine Störung. Bitte versuchen Sie es gleich noch einmal.
backend-protocol = Der Dienst hinter dieser Seite hat eine Antwort gegeben, die sich nicht lesen ließ. Bitte versuchen Sie es später noch einmal.
unknown = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal. ({ $code })

## Hinweise

session-not_kept = Sie haben sich angemeldet, doch Ihr Browser kam ohne die Sitzung zurück. Erlauben Sie Cookies für diese Seite und versuchen Sie es noch einmal; geschieht es wieder, sagen Sie es denen, die sie betreiben.
session-expired = Sie wurden abgemeldet, weil Ihre Sitzung zu Ende war. Melden Sie sich an, um weiterzumachen.
session-signed_out = Sie sind abgemeldet.
session-logged_out = Sie haben sich abgemeldet.
account-registered = Ihr Konto ist bereit. Sie können sich jetzt anmelden.
account-verify_mail = Sehen Sie in Ihr Postfach: Wir haben Ihnen einen Link geschickt, mit dem Sie Ihre Adresse bestätigen.

## Warten

retry-line = Sie können es { $when } noch einmal versuchen.
retry-seconds = { $seconds ->
    [one] in 1 Sekunde
   *[other] in { $seconds } Sekunden
}
retry-minutes = { $minutes ->
    [one] in 1 Minute
   *[other] in { $minutes } Minuten
}
duration-seconds = { $count ->
    [one] 1 Sekunde
   *[other] { $count } Sekunden
}
duration-minutes = { $count ->
    [one] 1 Minute
   *[other] { $count } Minuten
}
duration-hours = { $count ->
    [one] 1 Stunde
   *[other] { $count } Stunden
}
duration-days = { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
}

## Seiten

nav-label = Seiten
login-no_account = Neu hier?
login-forgot = Passwort vergessen?
login-next = Melden Sie sich an; danach kommen Sie zu der Seite, die Sie aufgerufen haben.
register-have_account = Sie haben schon ein Konto?
welcome-hello = Willkommen
welcome-hello_name = Willkommen, { $name }
welcome-signed_in = Sie sind angemeldet.
welcome-account = Ihr Konto
welcome-session = Ihre Sitzung
session-renews = Noch gültig für: { $time }. Sie verlängert sich von selbst, solange Sie die Seite benutzen.
session-ends = Noch gültig für: { $time }. Melden Sie sich danach wieder an.
session-renews_unknown = Sie bleibt offen, solange Sie die Seite benutzen.
session-unknown = Sie bleibt offen, bis der Dienst sie beendet.
session-refresh = Noch einmal nachsehen
sessions-this = Das ist der Browser, den Sie gerade benutzen.
sessions-unknown = Unbekannter Browser oder unbekannte App
sessions-since = Angemeldet
sessions-used = Zuletzt benutzt
sessions-from = Von
sessions-end = Diese Sitzung beenden
sessions-none = Es gibt keine Sitzungen anzuzeigen.
logout-question = Möchten Sie sich abmelden?
logout-stay = Angemeldet bleiben
error-home = Zur Startseite
error-retry = Noch einmal versuchen
error-request = Wenn Sie um Hilfe bitten, nennen Sie diese Nummer:

error-400-title = Diese Anfrage wurde nicht verstanden
error-400-detail = Die Adresse oder das Formular ist vielleicht beschädigt. Gehen Sie zurück und versuchen Sie es noch einmal.
error-401-title = Bitte melden Sie sich an
error-401-detail = Diese Seite ist nur für Angemeldete.
error-403-title = Das ist nicht erlaubt
error-403-detail = Sie dürfen diese Seite nicht sehen oder nicht tun, was Sie versucht haben.
error-404-title = Seite nicht gefunden
error-404-detail = Unter dieser Adresse gibt es nichts. Prüfen Sie sie auf Tippfehler.
error-405-title = Das geht hier nicht
error-405-detail = Die Seite ist da, doch diese Art von Anfrage nimmt sie nicht an.
error-408-title = Es hat zu lange gedauert
error-408-detail = Was Sie gesendet haben, blieb unterwegs stehen; wir warten nicht länger auf den Rest. Bitte senden Sie es noch einmal.
error-413-title = Das war zu groß
error-413-detail = Was Sie gesendet haben, ist größer, als diese Seite annimmt.
error-415-title = Dieses Format wird nicht angenommen
error-415-detail = Was Sie gesendet haben, hat ein Format, das diese Seite nicht annimmt.
error-422-title = Das konnte nicht angenommen werden
error-422-detail = Etwas an dem, was Sie gesendet haben, stimmt nicht. Gehen Sie zurück und prüfen Sie es.
error-429-title = Zu viele Anfragen
error-429-detail = Bitte warten Sie ein wenig, bevor Sie weitermachen.
error-500-title = Etwas ist schiefgegangen
error-500-detail = Der Fehler liegt bei uns. Bitte versuchen Sie es gleich noch einmal.
error-502-title = Der Dienst hatte eine Störung
error-502-detail = Er hat eine Antwort gegeben, mit der wir nichts anfangen konnten. Bitte versuchen Sie es gleich noch einmal.
error-503-title = Der Dienst ist nicht verfügbar
error-503-detail = Er ist gerade nicht erreichbar. Waren Sie angemeldet, sind Sie es noch; bitte versuchen Sie es gleich noch einmal.
error-504-title = Der Dienst hat zu lange gebraucht
error-504-detail = Er hat nicht rechtzeitig geantwortet. Bitte versuchen Sie es gleich noch einmal.

## Fehler einer Anwendung hinter der Tür

error-upstream-unreachable-title = Die Anwendung ist nicht erreichbar
error-upstream-unreachable-detail = Vielleicht startet sie gerade, oder sie steht still. Waren Sie angemeldet, sind Sie es noch; bitte versuchen Sie es gleich noch einmal.
error-upstream-timeout-title = Die Anwendung hat zu lange gebraucht
error-upstream-timeout-detail = Sie hat nicht rechtzeitig geantwortet. Haben Sie etwas gesendet, sehen Sie nach, ob es ankam, bevor Sie es noch einmal senden.
error-upstream-error-title = Die Anwendung hatte eine Störung
error-upstream-error-detail = Sie brach ab oder gab eine Antwort, mit der wir nichts anfangen konnten. Haben Sie etwas gesendet, sehen Sie nach, ob es ankam, bevor Sie es noch einmal senden.
error-upstream-loop-title = Die Anwendung ist nicht zu finden
error-upstream-loop-detail = Der Weg zu ihr führt dorthin zurück, wo er begann. Bitte sagen Sie es denen, die diese Seite betreiben.

## E-Mails. { $site } ist der Name der Seite.

mail-hello = Guten Tag,
mail-hello_name = Guten Tag, { $name },
mail-link-life = Der Link gilt einmal, und so lange: { $time }.
mail-link-copy = Wenn die Schaltfläche nicht geht, öffnen Sie diese Adresse:
mail-reset-subject = Ein neues Passwort für { $site }
mail-reset-text = Jemand, hoffentlich Sie selbst, möchte für Ihr Konto bei { $site } ein neues Passwort setzen. Öffnen Sie diesen Link, um eines zu wählen:
mail-reset-button = Neues Passwort wählen
mail-reset-not_you = Waren Sie es nicht, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.
mail-verify-subject = Bestätigen Sie Ihre E-Mail-Adresse für { $site }
mail-verify-text = Diese Adresse wurde bei { $site } eingegeben. Öffnen Sie diesen Link, um zu bestätigen, dass es Ihre ist:
mail-verify-button = Adresse bestätigen
mail-verify-not_you = Wissen Sie nicht, warum Sie dies erhalten, brauchen Sie nichts zu tun.

## Was das eingebaute Backend sagt

said-incorrect-email-or-password = E-Mail-Adresse oder Passwort stimmt nicht
said-email-already-registered = Mit dieser E-Mail-Adresse gibt es schon ein Konto
said-the-e-mail-address-is-not-verified-yet-open-the-link-in-the-mail-that-was-sent-to-it = Die E-Mail-Adresse ist noch nicht bestätigt; öffnen Sie den Link in der E-Mail, die an sie ging
said-this-is-not-your-password = Das ist nicht Ihr Passwort.
said-the-current-password-is-needed-to-change-the-e-mail = Um die E-Mail-Adresse zu ändern, ist das jetzige Passwort nötig.
said-the-password-must-have-at-least-8-characters = Das Passwort muss mindestens 8 Zeichen haben.
said-the-password-may-have-at-most-1024-bytes = Das Passwort darf höchstens 1024 Byte haben.
said-this-password-is-one-of-the-most-common-ones = Dieses Passwort ist eines der gebräuchlichsten.
said-the-password-must-not-be-the-e-mail-address = Das Passwort darf nicht die E-Mail-Adresse sein.
said-this-link-is-not-complete-or-not-one-of-ours = Dieser Link ist unvollständig oder nicht von uns
said-this-link-is-too-old-or-there-is-a-newer-one = Dieser Link ist zu alt, oder es gibt einen neueren
said-this-link-was-used-already = Dieser Link wurde schon benutzt
said-this-site-sends-no-mails-its-operator-has-to-set-up-mail = Diese Seite verschickt keine E-Mails; wer sie betreibt, muss [mail] einrichten
said-there-is-no-such-session = Diese Sitzung gibt es nicht
said-too-many-attempts = Zu viele Versuche
said-this-field-is-required = Dieses Feld darf nicht leer sein.
said-this-field-must-be-a-text = Dieses Feld muss Text sein.
said-this-is-not-a-valid-e-mail-address = Das ist keine gültige E-Mail-Adresse.
said-the-name-may-have-at-most-200-characters = Der Name darf höchstens 200 Zeichen haben.

## Der Fuß jeder Seite, wo die Optionen dieser Namen gesetzt sind

nav-home = Startseite
link-privacy = Datenschutz
link-terms = Nutzungsbedingungen
link-imprint = Impressum
link-support = Hilfe
