// An integrator's first program: registers, signs in, sends a declared form, reads the session, with nothing but
// the client that was generated from the document. The compiler checks that the types say the same as the answers.
import assert from "node:assert/strict";
import { client } from "./client/client.gen";
import * as site from "./client/sdk.gen";

// Node keeps no cookies, so the program does.
const jar = new Map<string, string>();
client.setConfig({ baseUrl: process.argv[2], headers: { Accept: "application/json" } });
client.interceptors.request.use((request) => {
  request.headers.set("Cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
  return request;
});
client.interceptors.response.use((response) => {
  for (const cookie of response.headers.getSetCookie()) {
    const [pair] = cookie.split(";");
    const at = pair.indexOf("=");
    const value = pair.slice(at + 1);
    if (value === "") jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), value);
  }
  return response;
});

async function walk(): Promise<void> {
  const account = { email: "typescript@example.com", password: "Corr3ct-horse-battery" };

  const refused = await site.register({ body: { ...account, password: "x" } });
  assert.equal(refused.error?.code, "input.invalid");
  assert.equal(refused.error?.errors?.[0].pointer, "#/password");
  assert.equal(refused.error?.errors?.[0].code, "field.too_short");
  const explained = await fetch(refused.error!.type, { headers: { Accept: "application/json" } });
  assert.equal((await explained.json()).code, "input.invalid");

  const registered = await site.register({ body: account });
  assert.equal(registered.data?.user?.email, account.email);
  await site.logout({ body: {} });
  const nobody = await site.session();
  assert.equal(nobody.data?.authenticated, false);
  const turnedAway = await site.sendProfile({ body: { name: "Ada" } });
  assert.equal(turnedAway.error?.code, "session.required");

  const wrong = await site.login({ body: { ...account, password: "Wr0ng-horse-battery" } });
  assert.equal(wrong.error?.code, "credentials.invalid");
  const signedIn = await site.login({ body: account, query: { next: "/account" } });
  assert.equal(signedIn.data?.next, "/account");

  const saved = await site.sendProfile({ body: { name: "Ada" } });
  assert.equal(saved.data?.message, "Saved.");
  assert.equal(saved.data?.user?.name, "Ada");
  const survey = await site.sendSurvey({
    body: { email: "free@example.com", color: "green", terms: true, age: 36, birthday: "1990-02-03", size: "l" },
  });
  assert.ok(survey.data !== undefined && "message" in survey.data, JSON.stringify(survey.error));
  assert.equal(survey.data.message, "Thank you.");
  const free = await site.sendSurvey({
    query: { check: "email" },
    body: { email: "free@example.com", color: "green", terms: true },
  });
  assert.ok(free.data !== undefined && "ok" in free.data && free.data.ok);

  const session = await site.session();
  assert.equal(session.data?.authenticated, true);
  assert.equal(session.data?.user?.name, "Ada");
  const page = await site.showAccount();
  assert.ok(typeof page.data === "object" && page.data.fetched.sessions.ok);
}

walk().then(
  () => console.log("walked"),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
