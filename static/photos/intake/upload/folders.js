// Folders become sections, where whoever uploads ticks that: each file goes to the section that is
// called as the folder it is in.

export function createFolders(box) {
  return { sectionOf: ({ name }) => (box?.checked ? folderOf(name) : "") };
}

// A ZIP archive counts as a folder.
export function folderOf(path) {
  const folder = path.split("/").at(-2) ?? "";
  return folder.replace(/\.zip$/i, "");
}
