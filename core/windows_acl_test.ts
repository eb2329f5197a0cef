import assert from "node:assert/strict";
import { strangersIn } from "./windows_acl.ts";

const USER = "S-1-5-21-1-2-3-1001";

Deno.test("strangersIn: who else may get at a file", () => {
  const cases: [sddl: string, strangers: string[]][] = [
    [`O:${USER}G:${USER}D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${USER})`, []],
    [`O:${USER}D:AI(A;ID;FA;;;SY)(A;ID;FA;;;${USER})(A;OICIIOID;GA;;;CO)`, []],
    [`O:${USER}D:(A;;FA;;;${USER})(A;;FR;;;BU)`, ["BU"]],
    [`O:${USER}D:(A;;FA;;;WD)(A;;FR;;;S-1-5-21-1-2-3-1002)(A;;FA;;;WD)`, [
      "WD",
      "S-1-5-21-1-2-3-1002",
    ]],
    [`D:(D;;FA;;;WD)(A;;FA;;;${USER})`, []],
    [`D:(XA;;FR;;;AU;(@User.x == "a"))(A;;FA;;;SY)`, ["AU"]],
    ["D:P", []],
    ["D:", ["everybody"]],
    ["D:NO_ACCESS_CONTROL", ["everybody"]],
    ["O:BAG:SY", ["everybody"]],
    ["", ["everybody"]],
    ["D:(A;;FA)", ["everybody"]],
  ];
  for (const [sddl, strangers] of cases) assert.deepEqual(strangersIn(sddl, USER), strangers, sddl);
});
