// Names of an archive's entries where it does not say how they are written: by the same rules as
// the server's (photos/intake/zip_names.py), which explains them.

const CONSOLES = ["cp850", "cp437"];
const DESKTOPS = ["windows-1252"];
const OTHERS = ["sjis", "ibm866", "windows-1251", "gbk", "big5", "euc-kr"];
const DOS_HOSTS = new Set([0, 10, 14]);
const SIGNS = new Set("’‘“”„–—…«»°ºª©®€·、。・「」『』【】（）ー々");
const SCRIPTS = [
  /^\p{Script=Latin}$/u,
  /^\p{Script=Cyrillic}$/u,
  /^(?![\uff61-\uff9f])[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]$/u,
  /^\p{Script=Hangul}$/u,
];
const MOST_ACCENTS = 2;
// Browsers do not know the code pages of DOS: what these have from 128 on.
const DOS = {
  cp437:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  cp850:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐" +
    "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
};

// Of the library's entries, in their order.
export function namesOf(entries) {
  const unsaid = entries.filter((entry) => inUnicode(entry) === null);
  const pages = [true, false].map((isDos) => pageOf(unsaid, isDos));
  return entries.map((entry) => {
    const page = pages[isOfDos(entry) ? 0 : 1];
    const name = inUnicode(entry) ?? read(entry.rawFilename, page);
    return (name ?? read(entry.rawFilename, "cp437")).normalize("NFC").replaceAll("\\", "/");
  });
}

function isOfDos({ versionMadeBy }) {
  return DOS_HOSTS.has(versionMadeBy >> 8);
}

function inUnicode({ rawFilename, filename, extraFieldUnicodePath }) {
  return extraFieldUnicodePath?.valid ? filename : read(rawFilename, "utf-8");
}

function pageOf(entries, isDos) {
  const raws = entries.filter((entry) => isOfDos(entry) === isDos).map((one) => one.rawFilename);
  const pages = [...(isDos ? [...CONSOLES, ...DESKTOPS] : [...DESKTOPS, ...CONSOLES]), ...OTHERS];
  const words = (page) => raws.filter((raw) => isLikely(read(raw, page))).length;
  const counts = pages.map(words);
  return raws.length ? pages[counts.indexOf(Math.max(...counts))] : "cp437";
}

// Null where it is not written so.
function read(raw, page) {
  if (page in DOS) {
    return Array.from(raw, (byte) =>
      byte < 128 ? String.fromCharCode(byte) : DOS[page][byte - 128],
    ).join("");
  }
  try {
    return new TextDecoder(page, { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return null;
  }
}

function isLikely(name) {
  if (name === null) {
    return false;
  }
  const text = name.replaceAll(/[！-～]/g, "");
  const beyond = Array.from(text).filter((sign) => sign > "\x7f" && !SIGNS.has(sign));
  const words = text.match(/[\p{L}\p{M}]+/gu) ?? [];
  return beyond.every((sign) => scriptOf(sign) >= 0) && words.every(isWord);
}

function isWord(word) {
  const letters = Array.from(word);
  const scripts = new Set(letters.map(scriptOf));
  if (scripts.size > 1) {
    return false;
  }
  let accents = 0;
  return letters.every((letter, at) => {
    const before = letters[at - 1] ?? " ";
    accents = isPlain(letter) ? 0 : accents + 1;
    const isOdd = /\p{Ll}/u.test(before) && /\p{Lu}/u.test(letter);
    return (
      (!scripts.has(0) || accents <= MOST_ACCENTS) &&
      (!isOdd || (isPlain(before) && isPlain(letter)))
    );
  });
}

function isPlain(letter) {
  return letter <= "\x7f";
}

function scriptOf(letter) {
  return SCRIPTS.findIndex((script) => script.test(letter));
}
