// The token that Django wants with whatever a script sends.

const COOKIE = "csrftoken"; // as settings.CSRF_COOKIE_NAME has it

// Read anew each time: signing in, in another tab too, changes it, and the page's forms keep the old.
export function csrfHeaders(cookies = document.cookie) {
  const pair = cookies.split("; ").find((one) => one.startsWith(`${COOKIE}=`));
  return { "X-CSRFToken": pair?.slice(COOKIE.length + 1) ?? "" };
}
