/** `bastion ssh` in a real terminal, with either client: what is seen, and how the terminal is left. */

import assert from "node:assert/strict";
import { type BastionSsh, type BastionSshOptions, withSsh } from "../helpers/bastion_ssh.ts";
import { eventually } from "../helpers/eventually.ts";
import { needs, needsThat } from "../helpers/needs.ts";
import { canHaveUsers, sshdPrograms } from "../helpers/sshd.ts";
import { startTmux, type Tmux } from "../helpers/tmux.ts";

const terminal = needs("tmux", "stty", ...sshdPrograms);

const PASSWORD = "pass w0rd's";

/** What the user had set; a session must neither lose it nor mend it. */
const OWN_MODES = "-ixon erase ^H";

interface Session {
  readonly tmux: Tmux;
  readonly way: BastionSsh;
  /** Starts `bastion ssh` in the terminal, with these words behind the sign-in; just the target. */
  start(words?: string): Promise<void>;
  /** The same, with a shell of which the prompt is known, and waits for that. */
  startShell(): Promise<void>;
  /** Its process, while it runs. */
  pid(): Promise<number>;
  /** Waits for its end, and that the terminal is as it was; its exit code. */
  ended(): Promise<number>;
}

function inTerminal(
  client: string,
  body: (session: Session) => Promise<void>,
  options: BastionSshOptions & { readonly signIn?: string } = {},
): Promise<void> {
  return withSsh(async (way) => {
    const { azure, launcher, sshd } = way;
    await using tmux = await startTmux({ env: launcher.env });
    const [script, pid, before, after] = ["far", "pid", "before", "after"].map((n) =>
      azure.file(n)
    );
    const signIn = options.signIn ?? `--auth-type ssh-key -i ${sshd.identityFile}`;
    const command = `${launcher.path} ssh --client ${client} -l ${sshd.user} ${signIn}`;
    await Deno.writeTextFile(`${script}`, `echo $$ > ${pid}\nexec ${command} "$@"\n`);
    await Deno.writeTextFile(azure.file("profile"), "PS1='far$ '\n");
    await tmux.enter(`stty ${OWN_MODES}; clear`);
    const start = (words = "web1") =>
      tmux.enter(
        `stty -a > ${before}; sh ${script} ${words}; printf '\\nCODE=%s\\n' $?; stty -a > ${after}`,
      );
    await body({
      tmux,
      way,
      start,
      async startShell() {
        await start(`-t web1 ENV=${azure.file("profile")} exec sh -i`);
        await tmux.shows(/^far\$/m);
      },
      pid: async () => Number(await Deno.readTextFile(`${pid}`)),
      async ended() {
        const [, code] = await tmux.shows(/^CODE=(\d+)$/m);
        await eventually("the same modes", async () => {
          const [first, last] = await Promise.all([before, after].map((file) => modes(`${file}`)));
          assert.notEqual(last, "");
          assert.equal(last, first);
          return true;
        });
        return Number(code);
      },
    });
  }, options);
}

/** What `stty -a` has said, but for the size. */
async function modes(file: string): Promise<string> {
  return (await Deno.readTextFile(file)).replace(/rows \d+; columns \d+;/, "");
}

for (const client of ["native", "builtin"]) {
  terminal.test(`${client}: a shell: what is typed, shown, resized and coloured; exit code`, () =>
    inTerminal(client, async ({ tmux, start, ended }) => {
      await start();
      // Whatever its prompt is.
      await tmux.shows(/^(?!local).*[#$%>] *$/m);
      await tmux.enter("echo far-$((40 + 2)); echo TERM is $TERM.; tty");
      await tmux.shows(/^far-42\nTERM is (?:screen|tmux)\S*\.\n\/dev\/\S+$/m);
      await tmux.enter("stty -a");
      await tmux.shows(/^speed.*rows 30; columns 100;[^]*erase = \^H[^]*-ixon/m);
      await tmux.resize(87, 21);
      await tmux.enter("clear; sleep 0.1; stty size");
      await tmux.shows(/^21 87$/m);
      await tmux.enter("clear; printf '\\033[31mred\\033[0m\\n'");
      await tmux.shows(/^red$/m);
      assert.ok((await tmux.screen({ colours: true })).includes("\u001b[31mred"));
      // A line feed alone goes down, and not to the first column.
      await tmux.enter("clear; stty -opost; printf 'one\\ntwo\\r\\n'; stty opost");
      await tmux.shows(/^one\n {3}two$/m);
      await tmux.enter("exit 7");
      assert.equal(await ended(), 7);
      await tmux.shows(/^Connection to \S+ closed\.$/m);
    }));

  terminal.test(`${client}: Ctrl-C is the far side's, ~. ends the session`, () =>
    inTerminal(client, async ({ tmux, startShell, ended }) => {
      await startShell();
      await tmux.enter("echo asleep; sleep 1000");
      await tmux.shows(/^asleep$/m);
      await tmux.press("C-c");
      await tmux.shows(/\^C\n+far\$/);
      await tmux.enter("echo rc=$?");
      await tmux.shows(/^rc=130$/m);
      await tmux.press("Enter");
      await tmux.type("~?");
      await tmux.shows(/~\. /);
      await tmux.type("~.");
      assert.equal(await ended(), 255);
      await tmux.shows(/Connection to \S+ closed\.$/m);
    }));

  needs("tmux", "less", ...sshdPrograms).test(
    `${client}: a full-screen program is drawn, and leaves the screen as it was`,
    () =>
      inTerminal(client, async ({ tmux, way, start, ended }) => {
        const file = way.azure.file("lines");
        const lines = Array.from({ length: 200 }, (_, i) => `line ${i + 1} of 200`);
        await Deno.writeTextFile(file, `${lines.join("\n")}\n`);
        await start(`-t web1 "echo before; LESS= less ${file}; echo behind"`);
        await tmux.shows(/^line 1 of 200\nline 2 of 200\n/);
        await tmux.type("G");
        await tmux.shows(/^line 172 of 200\n[^]*line 200 of 200\n\(END\)$/);
        await tmux.resize(60, 12);
        await tmux.shows(/^line 172 of 200\n[^]*line 182 of 200\n:$/);
        await tmux.type("q");
        assert.equal(await ended(), 0);
        await tmux.shows(/before\nbehind/);
      }),
  );

  for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    terminal.test(`${client}: after ${signal} the terminal is as it was`, () =>
      inTerminal(client, async ({ startShell, pid, ended }) => {
        await startShell();
        Deno.kill(await pid(), signal);
        // It is OpenSSH that ends, and it has a code of its own.
        assert.equal(await ended(), client === "native" ? 255 : code);
      }));
  }

  for (
    const [fault, reason] of [
      [{ kind: "rst" }, /The connection to Azure Bastion was cut/],
      [{ kind: "close", code: 1000 }, /The connection to app\/web1:22 was lost/],
    ] as const
  ) {
    terminal.test(`${client}: a lost tunnel (${fault.kind}) ends the session, with the reason`, () =>
      inTerminal(client, async ({ tmux, startShell, ended }) => {
        await startShell();
        await tmux.enter("head -c 60000 /dev/zero");
        assert.equal(await ended(), 255);
        await tmux.shows(reason);
      }, {
        azure: {
          faults: [{ at: "stream", afterBytes: 40_000, ...fault }],
          mayLeaveSessions: true,
        },
      }));
  }

  terminal.test(`${client}: Ctrl-C before there is a session ends us`, () =>
    inTerminal(client, async ({ tmux, start, way, ended }) => {
      await start();
      await eventually("the request", () => way.azure.emulator.stats().tokenPosts === 1, {
        within: 60_000,
      });
      await tmux.press("C-c");
      assert.equal(await ended(), 130);
    }, { azure: { faults: [{ at: "token", kind: "silence" }] } }));

  needsThat(canHaveUsers(), "way to give sshd users of its own").test(
    `${client}: behind the question for a password every key is the session's`,
    () =>
      inTerminal(client, async ({ tmux, start, way, ended }) => {
        way.azure.addSecret(PASSWORD);
        await start(`-t web1 ENV=${way.azure.file("profile")} exec sh -i`);
        await tmux.shows(/assword/);
        await tmux.enter(PASSWORD);
        await tmux.shows(/^far\$/m);
        await tmux.type("e");
        await tmux.enter("xit 7");
        assert.equal(await ended(), 7);
        assert.equal((await tmux.screen()).includes(PASSWORD), false);
      }, {
        signIn: "--auth-type password",
        sshd: { password: { value: PASSWORD, by: "password" } },
      }),
  );

  for (const [key, code] of [["C-c", 130], ["SIGTERM", 143]] as const) {
    terminal.test(`${client}: at the question for a password, ${key} leaves the terminal as it was`, () =>
      inTerminal(client, async ({ tmux, start, pid, ended }) => {
        await start();
        await tmux.shows(/assword/);
        if (key === "SIGTERM") Deno.kill(await pid(), key);
        else await tmux.press(key);
        assert.equal(await ended(), code);
      }, { signIn: "--auth-type password" }));
  }
}
