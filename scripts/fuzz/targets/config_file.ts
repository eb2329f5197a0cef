import assert from "node:assert/strict";
import { checkConfig } from "../../../core/config/check_config.ts";
import { configShape } from "../../../core/config/config_shape.ts";
import { layerConfig } from "../../../core/config/layer_config.ts";
import { parseConfig } from "../../../core/config/parse_config.ts";
import { globalOptions } from "../../../cli/global_options.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

const shape = configShape({
  globalOptions,
  commands: [{
    path: "tunnel",
    summary: "Open",
    options: [
      { name: "port", type: "integer", placeholder: "P", min: 0, max: 65535, summary: "Port" },
      { name: "timeout", type: "duration", placeholder: "TIME", summary: "End" },
    ],
    examples: [],
    handler: () => Promise.reject(new Error("never called")),
  }],
  plugins: [],
});

/** The text of config.yaml. */
export const configFileTarget: FuzzTarget = {
  name: "config-file",
  maxLength: 1024,
  tokens: [
    "\n",
    "\n  ",
    ": ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "{",
    "}",
    "|\n ",
    "---\n",
    "profiles",
    "aliases",
    "defaults",
    "__proto__",
    '"',
    "\t",
  ],
  seeds: [
    "cloud: Lab\nquiet: yes\nca-file: ~/ca.pem\n",
    "defaults:\n  tunnel: {port: 22, timeout: 15m}\n",
    "profile: p\nprofiles:\n  p:\n    aliases: {a: b, c: {target: d, user: e}}\n",
    "clouds:\n  Lab: {resourceManager: https://a, authority: https://b, audience: c}\n",
    "quite: 1\nquiet: [1]\nquiet:\n",
    "a: &x [*x]\n",
    "",
  ],
  async run(input) {
    const text = new TextDecoder().decode(input);
    try {
      const root = await parseConfig(text, "F");
      const { values, problems } = checkConfig(root, shape, {
        directory: "/d",
        home: "/h",
        choicesOf: () => ["environment"],
      });
      // As YAML counts them; a carriage return may end a line for people, too.
      const lines = text.split("\n").length;
      for (const { line, column } of [...values, ...problems]) {
        assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column} of ${lines}`);
      }
      const layers = layerConfig(values, "p");
      const paths = layers.map(({ path }) => path.join("\0"));
      assert.equal(new Set(paths).size, paths.length, "a setting counts once");
      const kinds = new Set(layers.map(({ path: [first = ""] }) => first));
      return `${[...kinds].sort().join(" ")}, ${Math.min(problems.length, 3)} wrong`;
    } catch (error) {
      return declaredCode(error, "config-invalid");
    }
  },
};
