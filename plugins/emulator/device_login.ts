/** `/devicelogin`: the page on which a user approves a device code. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { DeviceCodes } from "./device_codes.ts";
import type { Directory } from "./directory.ts";
import { sendPage } from "./html_page.ts";
import { readBody } from "./http_body.ts";

export const DEVICE_LOGIN_PATH = "/devicelogin";

const TITLE = "Enter the code that your program shows";

export function createDeviceLogin(directory: Directory, codes: DeviceCodes) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST") return show(response, "");
    const form = new URLSearchParams(await readBody(request) ?? "");
    const user = directory.checkPassword(form.get("username") ?? "", form.get("password") ?? "");
    if ("error" in user) return show(response, user.description);
    if (!codes.settle((form.get("code") ?? "").trim(), user)) {
      return show(response, "There is no such code, or it has expired.");
    }
    sendPage(response, 200, { title: "Done", text: "You may close this window." });
  };
}

function show(response: ServerResponse, text: string): void {
  sendPage(response, 200, {
    title: TITLE,
    text,
    form: {
      action: DEVICE_LOGIN_PATH,
      fields: [
        { name: "code", label: "Code", type: "text" },
        { name: "username", label: "User", type: "text" },
        { name: "password", label: "Password", type: "password" },
      ],
    },
  });
}
