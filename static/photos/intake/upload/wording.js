// Numbers and sentences in the page's language. The sentences come from the server.

export function createWording(texts, language) {
  const plural = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);

  return { text, count, number: (n) => numbers.format(n), size, speed, duration };

  function text(key, values = {}) {
    return fill(texts[key], values);
  }

  function count(key, n, values = {}) {
    const forms = texts[key];
    return fill(forms[plural.select(n)] ?? forms.other, { count: numbers.format(n), ...values });
  }

  function size(bytes) {
    const [unit, divisor] = unitOf(bytes);
    return format(bytes / divisor, unit);
  }

  function speed(bytesPerSecond) {
    const [unit, divisor] = unitOf(bytesPerSecond);
    return format(bytesPerSecond / divisor, `${unit}-per-second`);
  }

  // Coarse, as an estimate should be.
  function duration(seconds) {
    if (seconds < 60) {
      return format(Math.max(5, Math.ceil(seconds / 5) * 5), "second", "long", 0);
    }
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) {
      return format(minutes, "minute", "long", 0);
    }
    const parts = [format(Math.floor(minutes / 60), "hour", "long", 0)];
    if (minutes % 60) {
      parts.push(format(minutes % 60, "minute", "long", 0));
    }
    return parts.join(" ");
  }

  function format(value, unit, unitDisplay = "short", digits = value < 10 ? 1 : 0) {
    const style = { style: "unit", unit, unitDisplay, maximumFractionDigits: digits };
    return new Intl.NumberFormat(language, style).format(value);
  }
}

function unitOf(bytes) {
  if (bytes >= 1e9) {
    return ["gigabyte", 1e9];
  }
  return bytes >= 1e6 ? ["megabyte", 1e6] : ["kilobyte", 1e3];
}

function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, key) => values[key] ?? whole);
}
