title-login = Welcome back
login-no_account = New at Acme?
