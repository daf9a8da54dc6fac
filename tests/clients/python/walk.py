"""An integrator's first program: registers, signs in, sends a declared form, reads the session, with nothing but the
client that was generated from the document."""

import datetime
import sys

from site_client import Client
from site_client.api.account import login, logout, register, session
from site_client.api.forms import send_forgot_password, send_profile, send_survey
from site_client.api.pages import show_account
from site_client.models import (
    Checked,
    Done,
    ForgotPasswordInput,
    LoginInput,
    LogoutInput,
    ProfileInput,
    RegisterInput,
    SendSurveyCheck,
    Sent,
    SurveyInput,
    SurveyInputColor,
)

EMAIL, PASSWORD = "python@example.com", "Corr3ct-horse-battery"
site = Client(base_url=sys.argv[1], headers={"Accept": "application/json"})

refused = register.sync(client=site, body=RegisterInput(email=EMAIL, password="x"))
assert refused.code == "input.invalid", refused
assert [(error.pointer, error.code) for error in refused.errors] == [("#/password", "field.too_short")]
explained = site.get_httpx_client().get(refused.type_).json()
assert explained["code"] == "input.invalid", explained

registered = register.sync(client=site, body=RegisterInput(email=EMAIL, password=PASSWORD))
assert isinstance(registered, Done) and registered.user.email == EMAIL, registered
assert isinstance(logout.sync(client=site, body=LogoutInput()), Done)
assert session.sync(client=site).authenticated is False
turned_away = send_profile.sync(client=site, body=ProfileInput(name="Ada"))
assert turned_away.code == "session.required", turned_away

wrong = login.sync(client=site, body=LoginInput(email=EMAIL, password="Wr0ng-horse-battery"))
assert wrong.code == "credentials.invalid", wrong
signed_in = login.sync(client=site, body=LoginInput(email=EMAIL, password=PASSWORD), next_="/account")
assert isinstance(signed_in, Done) and signed_in.next_ == "/account", signed_in

saved = send_profile.sync(client=site, body=ProfileInput(name="Ada"))
assert isinstance(saved, Sent) and (saved.message, saved.user.name) == ("Saved.", "Ada"), saved
survey = SurveyInput(
    email="free@example.com",
    color=SurveyInputColor.GREEN,
    terms=True,
    age=36,
    birthday=datetime.date(1990, 2, 3),
)
sent = send_survey.sync(client=site, body=survey)
assert isinstance(sent, Sent) and sent.message == "Thank you.", sent
checked = send_survey.sync(client=site, body=survey, check=SendSurveyCheck.EMAIL)
assert isinstance(checked, Checked) and checked.ok, checked
forgotten = send_forgot_password.sync(client=site, body=ForgotPasswordInput(email=EMAIL))
assert isinstance(forgotten, Sent), forgotten

now = session.sync(client=site)
assert now.authenticated and now.user.name == "Ada", now
assert show_account.sync(client=site).fetched.sessions.ok
print("walked")
