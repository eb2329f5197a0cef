/** Programs in Linux namespaces of their own: with another trust store, or another network. */

import { findProgram } from "./find_program.ts";

/** Only root may make them, or whoever is root within a namespace of users. */
const UNSHARE = [
  "unshare",
  ...(Deno.build.os !== "windows" && Deno.uid() === 0 ? [] : ["--map-root-user"]),
];

/** Words that start a program in mounts of its own, where `file` stands in the place of `at`. */
export function withFileInPlaceOf(at: string, file: string): string[] {
  return [...UNSHARE, "--mount", ...script('mount --bind "$1" "$2" && shift 2', file, at)];
}

/** Words that start a program in a network of its own, which is loopback, and that without an IPv6 address. */
export function withoutIpv6(): string[] {
  return [
    ...UNSHARE,
    "--net",
    ...script("ip link set lo up && { ip -6 addr del ::1/128 dev lo 2>/dev/null || true; }"),
  ];
}

/** Whether this machine lets us make them: containers often do not. */
export function canUnshare(kind: "mount" | "net"): boolean {
  const programs = { mount: ["unshare", "mount"], net: ["unshare", "ip"] };
  if (programs[kind].some((name) => findProgram(name) === undefined)) return false;
  const [program = "", ...args] = [...UNSHARE, `--${kind}`, "true"];
  try {
    return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

function script(prepare: string, ...args: readonly string[]): string[] {
  return ["sh", "-c", `${prepare} && exec "$@"`, "sh", ...args];
}
