### Every sentence of the site. A theme's own catalog may hold any few of them; the rest come from here.
### The program asks for them with dots: title.login is title-login here. "KEY-FIELD" is used where the field has that
### name. A sentence that depends on a number has a variant for each plural of its language (CLDR).

## Languages. The name of this one, in its own words, and what the choice among them is called.

locale-name = English
locale-choose = Language

## Titles and buttons
title-login = Sign in
title-register = Create an account
action-login = Sign in
action-register = Create an account
title-welcome = Welcome
title-logout = Sign out
title-with_error = Error: { $title }
submit-login = Sign in
submit-register = Create account
submit-logout = Sign out
submit-other = Send

## Fields
label-this_field = This field
label-id = User ID
label-email = Email address
label-identifier = Email address or username
label-login = Email address or username
label-name = Name
label-password = Password
label-password_confirm = Password again
label-username = Username
hint-new_password = At least { $min } characters. A few words together are easy to remember.
hint-optional = optional
hint-choose = Choose

## What is wrong with a field
field-error = Error:
field-required = { $label } must not be empty
field-required-email = Enter your email address
field-required-name = Enter your name
field-required-password = Enter your password
field-required-password_confirm = Enter the password again
field-required-username = Enter your username
field-required_hidden = This link is not complete. Open it once more, or ask for a new one.
field-email = Enter an email address like name@example.com
field-too_short = { $label } must have at least { $min } characters
field-too_long = { $label } must have at most { $max } characters
field-mismatch = This is not the same as what you entered before
field-mismatch-password_confirm = The two passwords are not the same
field-not_text = { $label } must be text
field-pattern = { $label } does not have the right form
field-url = Enter a web address like https://example.com
field-tel = Enter a telephone number like +49 30 123456
field-number = { $label } must be a number
field-too_small = { $label } must be at least { $min }
field-too_large = { $label } must be at most { $max }
field-date = Enter a date like 2026-01-31
field-too_early = { $label } must be { $min } or later
field-too_late = { $label } must be { $max } or earlier
field-choice = { $label }: choose one of the options
field-not_yes_or_no = { $label } must be yes or no
field-not_accepted = This has to be checked to go on: { $label }
field-control = { $label } has characters that cannot be used
field-repeated = { $label } was sent more than once
field-unknown = There is no field { $label } here
field-refused = { $label } cannot be used. Choose another
identifier-taken = There is already an account with this name or address
identifier-taken-email = There is already an account with this email address
password-weak = This password is easy to guess. Choose a longer one, or one with less common words.

## What is wrong with a form as a whole
summary-title = There is a problem
credentials-invalid = The sign-in details are not right. Check them and try again.
rate_limited = There were too many attempts.
csrf-expired = Your browser did not show that this form came from this site, so nothing was sent. Please send it again from here.
form-done = Done.
input-conflict = Somebody else has changed this or taken it in the meantime. Load the page again to see how it is now.
page-not_there = A part of this page cannot be shown right now.
input-refused = What you entered was not accepted. Check it and try again.
session-too_large = You could not be signed in, because your account has more details than fit. Please tell whoever runs this site.
backend-unreachable = The service behind this page cannot be reached right now. It is not your fault; please try again in a moment.
backend-timeout = The service behind this page took too long to answer. Please try again in a moment.
backend-error = The service behind this page had a problem. Please try again in a moment.
backend-protocol = The service behind this page gave an answer that could not be read. Please try again later.
unknown = That did not work. Please try again. ({ $code })

## Notices
session-not_kept = You signed in, but your browser came back without the session. Allow cookies for this site and try again; if it happens again, tell whoever runs it.
session-expired = You were signed out because your session ended. Sign in to go on.
session-signed_out = You are signed out.
session-logged_out = You have signed out.
account-registered = Your account is ready. You can sign in now.
account-verify_mail = Look into your mailbox: we have sent you a link to confirm your address.

## Waiting
retry-line = You can try again { $when }.
retry-seconds = { $seconds ->
    [one] in 1 second
   *[other] in { $seconds } seconds
}
retry-minutes = { $minutes ->
    [one] in 1 minute
   *[other] in { $minutes } minutes
}
duration-seconds = { $count ->
    [one] 1 second
   *[other] { $count } seconds
}
duration-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
duration-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
duration-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}

## Pages
nav-label = Pages
login-no_account = New here?
login-forgot = Forgot your password?
login-next = Sign in, and you will be taken to the page that you asked for.
register-have_account = Already have an account?
welcome-hello = Welcome
welcome-hello_name = Welcome, { $name }
welcome-signed_in = You are signed in.
welcome-account = Your account
welcome-session = Your session
session-renews = Good for another { $time }. It renews by itself while you use the site.
session-ends = Good for another { $time }. Sign in again after that.
session-renews_unknown = It stays open while you use the site.
session-unknown = It stays open until the service ends it.
session-refresh = Check again
sessions-this = This is the browser that you are using now.
sessions-unknown = Unknown browser or app
sessions-since = Signed in
sessions-used = Last used
sessions-from = From
sessions-end = End this session
sessions-none = There are no sessions to show.
logout-question = Do you want to sign out?
logout-stay = Stay signed in
error-home = Go to the start page
error-retry = Try again
error-request = If you ask for help, mention this number:

error-400-title = That request was not understood
error-400-detail = The address or the form may be damaged. Go back and try again.
error-401-title = Please sign in
error-401-detail = This page is only for people who are signed in.
error-403-title = That is not allowed
error-403-detail = You may not see this page, or not do what you tried.
error-404-title = Page not found
error-404-detail = There is nothing at this address. Check it for typing mistakes.
error-405-title = That cannot be done here
error-405-detail = The page is there, but it does not take this kind of request.
error-408-title = It took too long to arrive
error-408-detail = What you sent stopped on its way, so we no longer wait for the rest. Please send it again.
error-413-title = That was too large
error-413-detail = What you sent is larger than this page takes.
error-415-title = That format is not accepted
error-415-detail = What you sent is in a format that this page does not take.
error-422-title = That could not be accepted
error-422-detail = Something in what you sent is not right. Go back and check it.
error-429-title = Too many requests
error-429-detail = Please wait a little before you go on.
error-500-title = Something went wrong
error-500-detail = The fault is ours. Please try again in a moment.
error-502-title = The service had a problem
error-502-detail = It gave an answer that we could not use. Please try again in a moment.
error-503-title = The service is not available
error-503-detail = It cannot be reached right now. If you were signed in, you still are; please try again in a moment.
error-504-title = The service took too long
error-504-detail = It did not answer in time. Please try again in a moment.

## Errors of an app behind the door, in place of those of their status
error-upstream-unreachable-title = The app cannot be reached
error-upstream-unreachable-detail = It may be starting, or stopped. If you were signed in, you still are; please try again in a moment.
error-upstream-timeout-title = The app took too long
error-upstream-timeout-detail = It did not answer in time. If you sent something, look whether it arrived before you send it again.
error-upstream-error-title = The app had a problem
error-upstream-error-detail = It broke off, or gave an answer that we could not use. If you sent something, look whether it arrived before you send it again.
error-upstream-loop-title = The app cannot be found
error-upstream-loop-detail = The way to it leads back to where it began. Please tell whoever runs this site.

## Mails. { $site } is the site's name.
mail-hello = Hello,
mail-hello_name = Hello { $name },
mail-link-life = The link works once, for { $time }.
mail-link-copy = If the button does not work, open this address:
mail-reset-subject = Set a new password for { $site }
mail-reset-text = Somebody, we hope you, has asked to set a new password for your account at { $site }. Open this link to choose one:
mail-reset-button = Choose a new password
mail-reset-not_you = If it was not you, do nothing: your password stays as it is.
mail-verify-subject = Confirm your email address for { $site }
mail-verify-text = This address was entered at { $site }. Open this link to confirm that it is yours:
mail-verify-button = Confirm the address
mail-verify-not_you = If you do not know why you got this, do nothing.

## What the built-in backend says: "said-" and its words. A backend of your own can be translated in the same way.

said-incorrect-email-or-password = Incorrect email or password
said-email-already-registered = There is already an account with this email address
said-the-e-mail-address-is-not-verified-yet-open-the-link-in-the-mail-that-was-sent-to-it = The email address is not verified yet; open the link in the mail that was sent to it
said-this-is-not-your-password = This is not your password.
said-the-current-password-is-needed-to-change-the-e-mail = The current password is needed to change the email address.
said-the-password-must-have-at-least-8-characters = The password must have at least 8 characters.
said-the-password-may-have-at-most-1024-bytes = The password may have at most 1024 bytes.
said-this-password-is-one-of-the-most-common-ones = This password is one of the most common ones.
said-the-password-must-not-be-the-e-mail-address = The password must not be the email address.
said-this-link-is-not-complete-or-not-one-of-ours = This link is not complete, or not one of ours
said-this-link-is-too-old-or-there-is-a-newer-one = This link is too old, or there is a newer one
said-this-link-was-used-already = This link was used already
said-this-site-sends-no-mails-its-operator-has-to-set-up-mail = This site sends no mails; its operator has to set up [mail]
said-there-is-no-such-session = There is no such session
said-too-many-attempts = Too many attempts
said-this-field-is-required = This field is required.
said-this-field-must-be-a-text = This field must be a text.
said-this-is-not-a-valid-e-mail-address = This is not a valid email address.
said-the-name-may-have-at-most-200-characters = The name may have at most 200 characters.

## The foot of every page, where the options of these names are set

nav-home = Home
link-privacy = Privacy
link-terms = Terms
link-imprint = Imprint
link-support = Support
