import assert from "node:assert/strict";
import { readTerminalModes } from "./terminal_modes.ts";

const LINUX = `speed 38400 baud; rows 30; columns 100; line = 0;
intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>;
eol2 = <undef>; swtch = <undef>; start = ^Q; stop = ^S; susp = ^Z; rprnt = ^R;
werase = ^W; lnext = ^V; discard = ^O; min = 1; time = 0;
-parenb -parodd -cmspar cs8 -hupcl -cstopb cread -clocal -crtscts
-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr icrnl ixon -ixoff
-iuclc -ixany -imaxbel iutf8
opost -olcuc -ocrnl onlcr -onocr -onlret -ofill -ofdel nl0 cr0 tab0 bs0 vt0 ff0
isig icanon iexten echo echoe echok -echonl -noflsh -xcase -tostop -echoprt
echoctl echoke -flusho -extproc
`;

const MACOS = `speed 9600 baud; 24 rows; 80 columns;
lflags: icanon isig iexten echo echoe -echok echoke -echonl echoctl
	-echoprt -altwerase -noflsh -tostop -flusho pendin -nokerninfo
	-extproc
iflags: -istrip icrnl -inlcr -igncr ixon -ixoff ixany imaxbel iutf8
	-ignbrk brkint -inpck -ignpar -parmrk
oflags: opost onlcr -oxtabs -onocr -onlret
cflags: cread cs8 -parenb -parodd hupcl -clocal -cstopb -crtscts -dsrflow
	-dtrflow -mdmbuf
cchars: discard = ^O; dsusp = ^Y; eof = ^D; eol = <undef>;
	eol2 = <undef>; erase = ^H; intr = ^C; kill = ^U; lnext = ^V;
	min = 1; quit = ^\\; reprint = ^R; start = ^Q; status = ^T;
	stop = ^S; susp = ^Z; time = 0; werase = ^W;
`;

Deno.test("readTerminalModes: Linux", () => {
  const modes = readTerminalModes(LINUX);
  const { VINTR, VQUIT, VERASE, VEOL2, VREPRINT, VDISCARD } = modes;
  assert.deepEqual([VINTR, VQUIT, VERASE, VEOL2, VREPRINT, VDISCARD], [3, 28, 127, 255, 18, 15]);
  const { ICRNL, IXOFF, IUTF8, OPOST, ECHO, ECHONL, CS8, TTY_OP_OSPEED } = modes;
  assert.deepEqual([ICRNL, IXOFF, IUTF8, OPOST, ECHO, ECHONL, CS8], [1, 0, 1, 1, 1, 0, 1]);
  assert.equal(TTY_OP_OSPEED, 38400);
  assert.equal("CS7" in modes, false);
});

Deno.test("readTerminalModes: macOS", () => {
  const { VERASE, VDSUSP, VSTATUS, VREPRINT, ECHOK, IXANY, PENDIN } = readTerminalModes(MACOS);
  assert.deepEqual([VERASE, VDSUSP, VSTATUS, VREPRINT], [8, 25, 20, 18]);
  assert.deepEqual([ECHOK, IXANY, PENDIN], [0, 1, 1]);
});

Deno.test("readTerminalModes: of what is no such text, nothing", () => {
  assert.deepEqual(readTerminalModes(undefined), {});
  assert.deepEqual(readTerminalModes("intr = M-^C; what = ^X; speed x baud"), {});
});
