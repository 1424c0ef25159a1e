// The token that Django wants with whatever a script sends.

// As settings.CSRF_COOKIE_NAME has it; with https the first, which only this very host can set.
const COOKIES = ["__Host-csrftoken", "csrftoken"];

// Read anew each time: signing in, in another tab too, changes it, and the page's forms keep the old.
export function csrfHeaders(cookies = document.cookie) {
  const values = new Map(cookies.split("; ").map((one) => one.split(/=(.*)/s)));
  const name = COOKIES.find((one) => values.has(one));
  return { "X-CSRFToken": values.get(name) ?? "" };
}
