## Langues

locale-name = Français
locale-choose = Langue

## Titres et boutons

title-login = Se connecter
title-register = Créer un compte
action-login = Se connecter
action-register = Créer un compte
title-welcome = Bienvenue
title-logout = Se déconnecter
title-with_error = Erreur : { $title }
submit-login = Se connecter
submit-register = Créer le compte
submit-logout = Se déconnecter
submit-other = Envoyer

## Champs

label-this_field = Ce champ
label-id = Identifiant
label-email = Adresse e-mail
label-identifier = Adresse e-mail ou nom d’utilisateur
label-login = Adresse e-mail ou nom d’utilisateur
label-name = Nom
label-password = Mot de passe
label-password_confirm = Mot de passe, encore une fois
label-username = Nom d’utilisateur
hint-new_password = Au moins { $min } caractères. Quelques mots mis ensemble se retiennent facilement.
hint-optional = facultatif
hint-choose = Choisir

## Ce qui ne va pas dans un champ

field-error = Erreur :
field-required = « { $label } » ne doit pas être vide
field-required-email = Saisissez votre adresse e-mail
field-required-name = Saisissez votre nom
field-required-password = Saisissez votre mot de passe
field-required-password_confirm = Saisissez encore une fois le mot de passe
field-required-username = Saisissez votre nom d’utilisateur
field-required_hidden = Ce lien est incomplet. Ouvrez-le à nouveau ou demandez-en un autre.
field-email = Saisissez une adresse e-mail comme nom@example.com
field-too_short = « { $label } » doit avoir au moins { $min } caractères
field-too_long = « { $label } » doit avoir au plus { $max } caractères
field-mismatch = Cela ne correspond pas à la première saisie
field-mismatch-password_confirm = Les deux mots de passe ne sont pas identiques
field-not_text = « { $label } » doit être du texte
field-pattern = « { $label } » n’a pas la bonne forme
field-url = Saisissez une adresse web comme https://example.com
field-tel = Saisissez un numéro de téléphone comme +49 30 123456
field-number = « { $label } » doit être un nombre
field-too_small = « { $label } » doit être au moins { $min }
field-too_large = « { $label } » doit être au plus { $max }
field-date = Saisissez une date comme 2026-01-31
field-too_early = « { $label } » ne doit pas être avant le { $min }
field-too_late = « { $label } » ne doit pas être après le { $max }
field-choice = « { $label } » : choisissez une des options
field-not_yes_or_no = « { $label } » doit être oui ou non
field-not_accepted = Cette case doit être cochée pour continuer : { $label }
field-control = « { $label } » contient des caractères inutilisables
field-repeated = « { $label } » a été envoyé plus d’une fois
field-unknown = Il n’y a pas de champ « { $label } » ici
field-refused = « { $label } » ne peut pas être utilisé. Choisissez autre chose
identifier-taken = Il existe déjà un compte avec ce nom ou cette adresse
identifier-taken-email = Il existe déjà un compte avec cette adresse e-mail
password-weak = Ce mot de passe est facile à deviner. Choisissez-en un plus long ou composé de mots moins courants.

## Ce qui ne va pas dans un formulaire entier

summary-title = Il y a un problème
credentials-invalid = Les informations de connexion ne sont pas correctes. Vérifiez-les et réessayez.
rate_limited = Il y a eu trop de tentatives.
csrf-expired = Votre navigateur n’a pas montré que ce formulaire venait de ce site ; rien n’a donc été envoyé. Veuillez le renvoyer d’ici.
form-done = C’est fait.
input-conflict = Quelqu’un d’autre l’a modifié ou pris entre-temps. Rechargez la page pour voir l’état actuel.
page-not_there = Une partie de cette page ne peut pas être affichée pour l’instant.
input-refused = Votre saisie n’a pas été acceptée. Vérifiez-la et réessayez.
session-too_large = La connexion n’a pas abouti, car votre compte contient plus d’informations qu’il n’y a de place. Veuillez le signaler aux responsables de ce site.
backend-unreachable = Le service derrière cette page est injoignable pour l’instant. Ce n’est pas votre faute ; veuillez réessayer dans un moment.
backend-timeout = Le service derrière cette page a mis trop de temps à répondre. Veuillez réessayer dans un moment.
backend-error = Le service derrière cette page a rencontré un problème. Veuillez réessayer dans un moment.
backend-protocol = Le service derrière cette page a donné une réponse illisible. Veuillez réessayer plus tard.
unknown = Cela n’a pas fonctionné. Veuillez réessayer. ({ $code })

## Avis

session-not_kept = Vous vous êtes connecté, mais votre navigateur est revenu sans la session. Autorisez les cookies pour ce site et réessayez ; si cela se reproduit, signalez-le aux responsables du site.
session-expired = Vous avez été déconnecté, car votre session a pris fin. Connectez-vous pour continuer.
session-signed_out = Vous n’êtes pas connecté.
session-logged_out = Vous vous êtes déconnecté.
account-registered = Votre compte est prêt. Vous pouvez vous connecter.
account-verify_mail = Consultez votre messagerie : nous vous avons envoyé un lien pour confirmer votre adresse.

## Attente

retry-line = Vous pourrez réessayer { $when }.
retry-seconds = { $seconds ->
    [one] dans { $seconds } seconde
   *[other] dans { $seconds } secondes
}
retry-minutes = { $minutes ->
    [one] dans { $minutes } minute
   *[other] dans { $minutes } minutes
}
duration-seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
duration-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
duration-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}

## Pages

nav-label = Pages
login-no_account = Première visite ?
login-forgot = Mot de passe oublié ?
login-next = Connectez-vous, et vous arriverez à la page que vous avez demandée.
register-have_account = Vous avez déjà un compte ?
welcome-hello = Bienvenue
welcome-hello_name = Bienvenue, { $name }
welcome-signed_in = Vous êtes connecté.
welcome-account = Votre compte
welcome-session = Votre session
session-renews = Encore valable { $time }. Elle se prolonge d’elle-même tant que vous utilisez le site.
session-ends = Encore valable { $time }. Reconnectez-vous ensuite.
session-renews_unknown = Elle reste ouverte tant que vous utilisez le site.
session-unknown = Elle reste ouverte jusqu’à ce que le service y mette fin.
session-refresh = Vérifier à nouveau
sessions-this = C’est le navigateur que vous utilisez en ce moment.
sessions-unknown = Navigateur ou application inconnus
sessions-since = Connexion
sessions-used = Dernière utilisation
sessions-from = Depuis
sessions-end = Mettre fin à cette session
sessions-none = Il n’y a aucune session à afficher.
logout-question = Voulez-vous vous déconnecter ?
logout-stay = Rester connecté
error-home = Aller à la page d’accueil
error-retry = Réessayer
error-request = Si vous demandez de l’aide, indiquez ce numéro :

error-400-title = Cette demande n’a pas été comprise
error-400-detail = L’adresse ou le formulaire est peut-être endommagé. Revenez en arrière et réessayez.
error-401-title = Veuillez vous connecter
error-401-detail = Cette page est réservée aux personnes connectées.
error-403-title = Ce n’est pas autorisé
error-403-detail = Vous ne pouvez pas voir cette page, ou pas faire ce que vous avez tenté.
error-404-title = Page introuvable
error-404-detail = Il n’y a rien à cette adresse. Vérifiez qu’elle ne contient pas de faute de frappe.
error-405-title = Ce n’est pas possible ici
error-405-detail = La page existe, mais elle n’accepte pas ce genre de demande.
error-408-title = L’envoi a pris trop de temps
error-408-detail = Ce que vous avez envoyé s’est arrêté en chemin ; nous n’attendons plus la suite. Veuillez l’envoyer à nouveau.
error-413-title = C’était trop volumineux
error-413-detail = Ce que vous avez envoyé dépasse ce que cette page accepte.
error-415-title = Ce format n’est pas accepté
error-415-detail = Ce que vous avez envoyé est dans un format que cette page n’accepte pas.
error-422-title = Cela n’a pas pu être accepté
error-422-detail = Quelque chose ne va pas dans ce que vous avez envoyé. Revenez en arrière et vérifiez.
error-429-title = Trop de demandes
error-429-detail = Veuillez attendre un peu avant de continuer.
error-500-title = Quelque chose s’est mal passé
error-500-detail = L’erreur vient de nous. Veuillez réessayer dans un moment.
error-502-title = Le service a rencontré un problème
error-502-detail = Il a donné une réponse inutilisable. Veuillez réessayer dans un moment.
error-503-title = Le service n’est pas disponible
error-503-detail = Il est injoignable pour l’instant. Si vous étiez connecté, vous l’êtes toujours ; veuillez réessayer dans un moment.
error-504-title = Le service a mis trop de temps
error-504-detail = Il n’a pas répondu à temps. Veuillez réessayer dans un moment.

## Erreurs d’une application derrière la porte

error-upstream-unreachable-title = L’application est injoignable
error-upstream-unreachable-detail = Elle démarre peut-être, ou elle est arrêtée. Si vous étiez connecté, vous l’êtes toujours ; veuillez réessayer dans un moment.
error-upstream-timeout-title = L’application a mis trop de temps
error-upstream-timeout-detail = Elle n’a pas répondu à temps. Si vous avez envoyé quelque chose, regardez s’il est arrivé avant de l’envoyer à nouveau.
error-upstream-error-title = L’application a rencontré un problème
error-upstream-error-detail = Elle s’est interrompue, ou a donné une réponse inutilisable. Si vous avez envoyé quelque chose, regardez s’il est arrivé avant de l’envoyer à nouveau.
error-upstream-loop-title = L’application est introuvable
error-upstream-loop-detail = Le chemin vers elle ramène à son point de départ. Veuillez le signaler aux responsables de ce site.

## E-mails. { $site } est le nom du site.

mail-hello = Bonjour,
mail-hello_name = Bonjour { $name },
mail-link-life = Le lien fonctionne une seule fois, pendant { $time }.
mail-link-copy = Si le bouton ne fonctionne pas, ouvrez cette adresse :
mail-reset-subject = Choisir un nouveau mot de passe pour { $site }
mail-reset-text = Quelqu’un, vous sans doute, a demandé un nouveau mot de passe pour votre compte chez { $site }. Ouvrez ce lien pour en choisir un :
mail-reset-button = Choisir un nouveau mot de passe
mail-reset-not_you = Si ce n’était pas vous, ne faites rien : votre mot de passe reste tel qu’il est.
mail-verify-subject = Confirmez votre adresse e-mail pour { $site }
mail-verify-text = Cette adresse a été saisie chez { $site }. Ouvrez ce lien pour confirmer qu’elle est à vous :
mail-verify-button = Confirmer l’adresse
mail-verify-not_you = Si vous ne savez pas pourquoi vous recevez ce message, ne faites rien.

## Ce que dit le service intégré

said-incorrect-email-or-password = Adresse e-mail ou mot de passe incorrect
said-email-already-registered = Il existe déjà un compte avec cette adresse e-mail
said-the-e-mail-address-is-not-verified-yet-open-the-link-in-the-mail-that-was-sent-to-it = L’adresse e-mail n’est pas encore confirmée ; ouvrez le lien dans le message qui y a été envoyé
said-this-is-not-your-password = Ce n’est pas votre mot de passe.
said-the-current-password-is-needed-to-change-the-e-mail = Le mot de passe actuel est nécessaire pour changer l’adresse e-mail.
said-the-password-must-have-at-least-8-characters = Le mot de passe doit avoir au moins 8 caractères.
said-the-password-may-have-at-most-1024-bytes = Le mot de passe doit avoir au plus 1024 octets.
said-this-password-is-one-of-the-most-common-ones = Ce mot de passe est l’un des plus courants.
said-the-password-must-not-be-the-e-mail-address = Le mot de passe ne doit pas être l’adresse e-mail.
said-this-link-is-not-complete-or-not-one-of-ours = Ce lien est incomplet, ou ne vient pas de nous
said-this-link-is-too-old-or-there-is-a-newer-one = Ce lien est trop ancien, ou il y en a un plus récent
said-this-link-was-used-already = Ce lien a déjà servi
said-this-site-sends-no-mails-its-operator-has-to-set-up-mail = Ce site n’envoie pas d’e-mails ; ses responsables doivent configurer [mail]
said-there-is-no-such-session = Cette session n’existe pas
said-too-many-attempts = Trop de tentatives
said-this-field-is-required = Ce champ ne doit pas être vide.
said-this-field-must-be-a-text = Ce champ doit être du texte.
said-this-is-not-a-valid-e-mail-address = Ce n’est pas une adresse e-mail valable.
said-the-name-may-have-at-most-200-characters = Le nom doit avoir au plus 200 caractères.

## Le pied de chaque page, là où les options de ces noms sont définies

nav-home = Accueil
link-privacy = Confidentialité
link-terms = Conditions d’utilisation
link-imprint = Mentions légales
link-support = Assistance
