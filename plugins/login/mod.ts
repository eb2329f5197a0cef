/** `bastion login`, `logout` and `account`: who one is in Azure, with no other program needed. */

import type { Command, PluginFactory } from "../../core/mod.ts";

const SECRET_REMEDY = "Leave it out to be asked for it, or pipe it in with --password-stdin, or " +
  "set AZURE_CLIENT_SECRET.";

const loginCommand: Command = {
  path: "login",
  summary: "Sign in to Azure",
  description:
    "The sign-in is kept for later runs, in a file that only you can read, and renews its tokens " +
    "by itself. Without options it opens the browser; where there is none, it prints a code to " +
    "type in elsewhere.\n\n" +
    "A secret is never an argument, where other users and the shell's history would see it: a " +
    "service principal's is asked for, or piped in with --password-stdin, or taken from " +
    "AZURE_CLIENT_SECRET.",
  options: [
    {
      name: "device-code",
      type: "boolean",
      summary: "Print a code to type in at a page in any browser, on any computer",
    },
    {
      name: "use-device-code",
      type: "boolean",
      az: true,
      summary: "As --device-code, in az's spelling",
    },
    {
      name: "tenant",
      short: "t",
      type: "string",
      placeholder: "TENANT",
      summary: "Tenant to sign in to: its id or a domain (the user's own)",
      az: true,
    },
    {
      name: "username",
      short: "u",
      type: "string",
      placeholder: "NAME",
      // BASTION_USERNAME is the user of the VM.
      env: "BASTION_LOGIN_USERNAME",
      summary: "User to suggest, or the service principal's client id",
      az: true,
    },
    {
      name: "service-principal",
      type: "boolean",
      summary: "Sign in as a service principal",
      az: true,
    },
    {
      name: "password",
      short: "p",
      type: "string",
      placeholder: "-",
      env: false,
      secret: SECRET_REMEDY,
      summary: "Refused, since others could read it; - reads it from stdin",
      az: true,
    },
    {
      name: "password-stdin",
      type: "boolean",
      env: false,
      summary: "Read the service principal's secret from stdin",
    },
    {
      name: "certificate",
      type: "path",
      placeholder: "FILE",
      summary: "PEM file with the service principal's certificate and RSA key",
      az: true,
    },
    {
      name: "federated-token",
      type: "string",
      placeholder: "-",
      env: false,
      secret: "Pipe it in with --federated-token -, or give --federated-token-file FILE.",
      summary: "Read the service principal's OIDC token from stdin, which - stands for",
      az: true,
    },
    {
      name: "federated-token-file",
      type: "path",
      placeholder: "FILE",
      summary: "File with the OIDC token, read anew whenever it is needed",
    },
    {
      name: "identity",
      short: "i",
      type: "boolean",
      env: "BASTION_LOGIN_IDENTITY",
      summary: "Sign in by this machine's managed identity",
      az: true,
    },
    {
      name: "client-id",
      type: "string",
      placeholder: "ID",
      summary: "Managed identity to use; or, for users, an app registration of your own",
      az: true,
    },
    {
      name: "allow-no-subscriptions",
      type: "boolean",
      env: false,
      summary: "Taken for az's sake: a sign-in that sees no subscription is kept anyway",
      az: true,
    },
  ],
  examples: [
    { text: "Sign in by the browser", command: "bastion login" },
    {
      text: "Sign in where there is no browser, to a certain tenant",
      command: "bastion login --device-code --tenant contoso.onmicrosoft.com",
    },
    {
      text: "Sign in as a service principal, in a script",
      command:
        'printf %s "$SECRET" | bastion login --service-principal -u "$APP" -t "$TENANT" --password-stdin',
    },
  ],
  handler: () => import("./login.ts"),
};

const logout: Command = {
  path: "logout",
  summary: "Forget who has signed in",
  description:
    "Removes the sign-ins of this cloud with every token that is kept. The sign-ins of the Azure " +
    "CLI are its own: az logout.",
  options: [{
    name: "username",
    type: "string",
    placeholder: "NAME",
    env: false,
    summary: "Only this user, or the service principal with this client id",
    az: true,
  }],
  examples: [{ text: "Forget everybody", command: "bastion logout" }],
  handler: () => import("./logout.ts"),
};

const show: Command = {
  path: "account show",
  summary: "Show which account commands use, and by which credential",
  options: [],
  examples: [{ text: "Who am I?", command: "bastion account show" }],
  handler: () => import("./account_show.ts"),
};

const list: Command = {
  path: "account list",
  summary: "List the subscriptions that the account may see",
  options: [{
    name: "all",
    type: "boolean",
    az: true,
    env: false,
    summary: "Taken for az's sake: whatever may be seen is listed anyway",
  }],
  examples: [{ text: "Which subscriptions are there?", command: "bastion account list" }],
  handler: () => import("./account_list.ts"),
};

const set: Command = {
  path: "account set",
  summary: "Choose the subscription that is used where none is named",
  options: [{
    name: "subscription",
    short: "s",
    type: "string",
    placeholder: "NAME|ID",
    // What is to be stored is said, not found lying about in the environment.
    env: false,
    summary: "Subscription: its name or id",
    az: true,
    required: true,
  }],
  examples: [{
    text: "Use the subscription Production",
    command: 'bastion account set --subscription "Production"',
  }],
  handler: () => import("./account_set.ts"),
};

export const login: PluginFactory = () => ({
  name: "login",
  version: "1.0.0",
  apiVersion: 1,
  commands: [loginCommand, logout, show, list, set],
});
