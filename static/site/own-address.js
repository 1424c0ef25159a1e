// The address that this page was asked for by. "Back" and "forward" may lead to that of another page
// without leaving this one: the viewer pushes addresses of photos, and a reload in between makes one
// page of what another had pushed.

const own = location.pathname; // a gallery says by its query how far one has scrolled

// Whether this page stands at another one's address.
export function isElsewhere() {
  return location.pathname !== own;
}
