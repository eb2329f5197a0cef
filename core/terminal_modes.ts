/** The modes of a terminal, by their names in RFC 4254, section 8. Pure. */

/** Flags are 0 or 1, special characters their codes (255: none), speeds baud. */
export type TerminalModes = Readonly<Record<string, number>>;

/** What `stty -a` calls the same in small letters, on Linux and macOS. */
const FLAGS = [
  ...["IGNPAR", "PARMRK", "INPCK", "ISTRIP", "INLCR", "IGNCR", "ICRNL", "IUCLC", "IXON", "IXANY"],
  ...["IXOFF", "IMAXBEL", "IUTF8", "ISIG", "ICANON", "XCASE", "ECHO", "ECHOE", "ECHOK", "ECHONL"],
  ...["NOFLSH", "TOSTOP", "IEXTEN", "ECHOCTL", "ECHOKE", "PENDIN", "OPOST", "OLCUC", "ONLCR"],
  ...["OCRNL", "ONOCR", "ONLRET", "CS7", "CS8", "PARENB", "PARODD"],
];

const CHARACTERS: Readonly<Record<string, string>> = {
  intr: "VINTR",
  quit: "VQUIT",
  erase: "VERASE",
  kill: "VKILL",
  eof: "VEOF",
  eol: "VEOL",
  eol2: "VEOL2",
  start: "VSTART",
  stop: "VSTOP",
  susp: "VSUSP",
  dsusp: "VDSUSP",
  rprnt: "VREPRINT",
  reprint: "VREPRINT",
  werase: "VWERASE",
  lnext: "VLNEXT",
  swtch: "VSWTCH",
  status: "VSTATUS",
  discard: "VDISCARD",
};

/** @param said what `stty -a` has said; what is not understood is left out */
export function readTerminalModes(said = ""): TerminalModes {
  const modes: Record<string, number> = {};
  for (const [, name = "", value = ""] of said.matchAll(/\b([a-z]+2?) = (\S+);/g)) {
    const mode = CHARACTERS[name];
    const code = codeOf(value);
    if (mode !== undefined && code !== undefined) modes[mode] = code;
  }
  const [, baud] = /\bspeed (\d+) baud/.exec(said) ?? [];
  if (baud !== undefined) modes["TTY_OP_ISPEED"] = modes["TTY_OP_OSPEED"] = Number(baud);
  const words = new Set(said.split(/[\s;]+/));
  for (const mode of FLAGS) {
    const word = mode.toLowerCase();
    if (words.has(word)) modes[mode] = 1;
    else if (words.has(`-${word}`)) modes[mode] = 0;
  }
  return modes;
}

/** `^C`, `^?`, `<undef>`, `M-a`, or the character itself. */
function codeOf(value: string): number | undefined {
  if (value === "<undef>") return 255;
  if (value === "^?") return 127;
  const [, control] = /^\^([@-_])$/.exec(value) ?? [];
  if (control !== undefined) return control.charCodeAt(0) - 64;
  return value.length === 1 ? value.charCodeAt(0) : undefined;
}
