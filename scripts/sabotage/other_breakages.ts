/** Breakages outside core/tunnel: TLS, secrets, addresses, the command line. */

import type { Breakage } from "./breakage.ts";

const SECRET = "core/secret_test.ts";

export const otherBreakages: readonly Breakage[] = [
  {
    name: "TLS: a certificate for another name is accepted",
    file: "core/net/dial.ts",
    find: "{ hostname: host, caCerts: [...trust.caCerts] }",
    replace:
      "{ hostname: host, caCerts: [...trust.caCerts], unsafelyDisableHostnameVerification: true }",
    test: { file: "core/net/dial_test.ts", name: "dial: certificates that are not to be trusted" },
    why: "whoever is in between reads everything",
  },
  {
    name: "TLS: the user's CA is not believed",
    file: "core/net/http_client.ts",
    find: "caCerts: [...trust.caCerts],",
    replace: "",
    test: {
      file: "core/net/http_client_test.ts",
      name: "http: one exchange, as it was asked for and as it was answered",
    },
    why: "nothing works in an inspected network",
  },
  {
    name: "redirects are followed",
    file: "core/net/http_client.ts",
    find: `redirect: "manual",`,
    replace: "",
    test: {
      file: "core/net/http_client_test.ts",
      name: "http: redirects are answers, and never followed",
    },
    why: "the form with the token goes to whoever the answer names",
  },
  {
    name: "an answer of any size is kept",
    file: "core/net/http_client.ts",
    find: "if (size > limit) {",
    replace: "if (size < 0) {",
    test: {
      file: "core/net/http_client_test.ts",
      name: "http: a body over the limit is cut off, one at the limit is read",
    },
    why: "an answer without end eats the memory",
  },
  {
    name: "NO_PROXY is not obeyed",
    file: "core/net/proxy.ts",
    find: "return (host, port) => exempt(host, port) ? undefined : proxy;",
    replace: "return () => exempt ? proxy : undefined;",
    test: { file: "core/net/proxy_test.ts", name: "proxyFromEnvironment: NO_PROXY" },
    why: "private endpoints cannot be reached",
  },
  {
    name: "secrets are not taken out of what is shown",
    file: "core/secret.ts",
    find: "let clean = text;",
    replace: "let clean = text;\n  if (known.size >= 0) return text;",
    test: {
      file: SECRET,
      name: "redact: takes a living secret out of a text, in every spelling it could leak in",
    },
    why: "tokens stand in logs that are sent to support",
  },
  {
    name: "a Secret prints its value",
    file: "core/secret.ts",
    find: "toString(): string {\n    return REDACTED;",
    replace: "toString(): string {\n    return this.#value;",
    test: {
      file: SECRET,
      name: "Secret: prints as [redacted] wherever a program may print it",
    },
    why: "a careless template string shows a token",
  },
  {
    name: "a server's text drives the terminal",
    file: "core/secret.ts",
    find: "return cut.replace(",
    replace: "if (maxLength > 0) return cut;\n  return cut.replace(",
    test: {
      file: SECRET,
      name: "printable: nothing in it drives a terminal or turns the line around",
    },
    why: "an error message can hide what happened",
  },
  {
    name: "a token in an error's message",
    file: "core/errors.ts",
    find: "redact(fillIn(definition.message, params)),",
    replace: "fillIn(definition.message, params),",
    test: { file: "core/errors_test.ts", name: "bastionError: a secret is in no part of it" },
    why: "tokens stand on the terminal, and in tickets",
  },
  {
    name: "the log file holds secrets",
    file: "cli/log_sink.ts",
    find: "`${jsonText({ time: time.toISOString(), ...others })}\\n`",
    replace: "`${JSON.stringify({ time, ...others })}\\n`",
    test: {
      file: "cli/log_sink_test.ts",
      name: "the file gets everything, as JSON lines without secrets, for its owner alone",
    },
    why: "tokens stand in a file that is kept",
  },
  {
    name: "a bastion host's address may hold a path",
    file: "core/azure/read_bastion_host.ts",
    find: "return /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\\d{1,5})?$/i.test(text) &&",
    replace: "return /^[a-z0-9][^\\s]*$/i.test(text) &&",
    test: {
      file: "core/azure/bastion_host_test.ts",
      name: "getBastionHost: the address is a bare host name, with a port at most",
    },
    why: "the token goes to a host that the address hides",
  },
  {
    name: "a data pod may be anywhere",
    file: "core/tunnel/data_pod.ts",
    find: "if (name !== domain && !name.endsWith(`.${domain}`)) {",
    replace: 'if (name === "" && domain === "") {',
    test: {
      file: "core/tunnel/data_pod_test.ts",
      name: "findDataPod: the token goes to no other address",
    },
    why: "whoever answers for a Developer host is handed a management credential",
  },
  {
    name: "any host may name the tenant",
    file: "core/azure/wanted_tenant.ts",
    find: " || !hosts.includes(url.host)",
    replace: "",
    test: {
      file: "core/azure/arm_client_test.ts",
      name: "arm: a tenant is believed from the cloud's own authority only",
    },
    why: "a token is asked for in a tenant that an answer made up",
  },
  {
    name: "a forbidden subscription hides the others",
    file: "core/azure/each_subscription.ts",
    find: "if (first && refusals.length === subscriptions.length) throw first;",
    replace: "if (first) throw first;",
    test: {
      file: "core/azure/create_inventory_test.ts",
      name: "a subscription that may not be read is said, and does not hide the others",
    },
    why: "one missing role, and nothing is found any more",
  },
  {
    name: "a resource id may climb out of its path",
    file: "core/azure/resource_id.ts",
    find: "(?!\\.{1,2}$)",
    replace: "",
    test: {
      file: "core/azure/resource_id_test.ts",
      name: "parseResourceId: what is no such id",
    },
    why: "another resource than the one named is asked for",
  },
  {
    name: "every connection asks for a token of its own",
    file: "core/auth/azure/token_cache.ts",
    find: "asked.set(key, entry);",
    replace: "asked.delete(key);",
    test: {
      file: "core/auth/azure/token_cache_test.ts",
      name: "cached: one request in flight for all who ask, and one token afterwards",
    },
    why: "Entra throttles a program that opens fifty connections",
  },
  {
    name: "one half of localhost is left to others",
    file: "core/net/listen.ts",
    find: `["127.0.0.1", "::1"]`,
    replace: `["127.0.0.1"]`,
    test: {
      file: "core/net/listen_test.ts",
      name: "listenLocal: both halves of localhost, on one port",
    },
    why: "a client that tries ::1 first talks to somebody else's program",
  },
  {
    name: "a wrong command line ends with 1",
    file: "cli/exit_codes.ts",
    find: `"usage": { code: 2,`,
    replace: `"usage": { code: 1,`,
    test: {
      file: "cli/run_test.ts",
      name: "a wrong command line is exit code 2, in JSON where that was asked for",
    },
    why: "scripts tell a typing error from a failure by it",
  },
  {
    name: "any beginning of an option counts",
    file: "cli/abbreviation.ts",
    find: "option.az && option.name.startsWith(name)",
    replace: "option.name.startsWith(name)",
    test: { file: "cli/abbreviation_test.ts", name: "--port-f is unknown" },
    why: "a new option of ours breaks a script that abbreviates az's",
  },
  {
    name: "a terminal in raw mode goes on treating what is shown",
    file: "core/terminal.ts",
    find: `["-opost"]`,
    replace: `["opost"]`,
    test: {
      file: "tests/e2e/ssh_terminal_test.ts",
      name: "builtin: a shell: what is typed, shown, resized and coloured; exit code",
    },
    why: "full-screen programs are drawn askew",
  },
  {
    name: "a terminal stays in raw mode",
    file: "plugins/ssh/builtin/run_session.ts",
    find: "stack.use(terminal.terminal.raw())",
    replace: "terminal.terminal.raw()",
    test: {
      file: "plugins/ssh/builtin/run_session_test.ts",
      name: "session: the terminal is as it was after every way of ending",
    },
    why: "the user's shell shows nothing of what is typed",
  },
  {
    name: "stdin's end is not passed on",
    file: "plugins/ssh/builtin/run_session.ts",
    find: "await channel.closeWrite().catch(() => {});",
    replace: "",
    test: {
      file: "plugins/ssh/builtin/run_session_test.ts",
      name: "session: both outputs apart, stdin's end is passed on, the exit code comes last",
    },
    why: "a command that reads to the end of its input waits for ever",
  },
];
