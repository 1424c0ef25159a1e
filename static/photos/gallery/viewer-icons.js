// The viewer's buttons: lines of one weight in a square of 32, drawn like the other pages' icons.

export function icon(lines, size = 32) {
  return `<svg class="pswp__icn viewer-icon" aria-hidden="true" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}">${lines}</svg>`;
}

export const CLOSE = icon('<path d="M9 9l14 14M23 9L9 23"/>');
export const DOWNLOAD = icon('<path d="M16 6v13M11 14.5l5 5 5-5M8 25h16"/>');
export const HEART = icon(
  '<path class="viewer-heart" d="M16 25s-8.5-5.2-8.5-11.5A4.9 4.9 0 0 1 16 10.3a4.9 4.9 0 0 1 8.5 3.2C24.5 19.8 16 25 16 25z"/>',
);
export const HIDE = icon(
  '<path d="M7 7l18 18M13.2 9.8A11 11 0 0 1 16 9.4c5 0 8.3 3.9 10 6.6a15 15 0 0 1-2.9 3.6M9.6 11.8A16 16 0 0 0 6 16c1.7 2.7 5 6.6 10 6.6 1.4 0 2.8-.3 4-.9M14 14a2.8 2.8 0 0 0 4 4"/>',
);
export const SHARE = icon('<path d="M16 20V7M11.5 11L16 6.5l4.5 4.5M10 15H8v10h16V15h-2"/>');
export const ZOOM = icon(
  '<circle cx="14.5" cy="14.5" r="7"/><path d="M20 20l5 5M11.5 14.5h6"/><path class="pswp__zoom-icn-bar-v" d="M14.5 11.5v6"/>',
);
// PhotoSwipe mirrors it for the other side.
export const ARROW = icon('<path d="M35 18L23 30l12 12"/>', 60);
