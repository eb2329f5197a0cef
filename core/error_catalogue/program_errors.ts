/** What can go wrong on this computer: usage, configuration, local ports, plugins. */

import type { ErrorCatalogue } from "../error_catalogue.ts";

export const programErrors = {
  // Usage and configuration
  "usage": { exit: "usage", message: "{problem}", hint: "{remedy}" },
  "input-needed": {
    exit: "usage",
    message: "This would have to be asked, and nobody can be: {question}",
    hint: "Give {flag}, or run it in a terminal without --no-input.",
  },
  "config-invalid": {
    exit: "configuration",
    message: "{file}:{line}:{column}: {problem}.",
    hint: "{remedy} All that is wrong with the file: bastion config check",
  },
  "profile-unknown": {
    exit: "configuration",
    message: "There is no profile {profile} in the config file {file}.",
    hint: "{remedy}",
  },
  "cloud-file-invalid": {
    exit: "configuration",
    message: "The cloud file {file} cannot be used: {problem}.",
    hint:
      "It is JSON or YAML with name, resourceManager, authority, audience, and, if needed, sshCertificateScope, portal, dataPodSuffix and caFile.",
  },
  "cloud-unknown": {
    exit: "configuration",
    message: "There is no cloud {cloud}.",
    hint: "{remedy}",
  },
  "ca-file-invalid": {
    exit: "configuration",
    message: "The CA file {file} (from {source}) cannot be used: {problem}.",
    hint: "Give a PEM file with one or more certificates, readable by you.",
  },
  "proxy-invalid": {
    exit: "configuration",
    message: "The proxy that {source} names cannot be used: {problem}.",
    hint:
      "Most proxies are spoken to by http://, for HTTPS too: use http://HOST:PORT, with USER:PASSWORD@ before HOST where it wants a sign-in.",
  },
  "private-directory-unsafe": {
    exit: "configuration",
    message: "{path} is open to other users ({problem}).",
    hint: "It holds tokens, or says where they are sent. {remedy}",
  },
  "private-file-unsafe": {
    exit: "configuration",
    message: "The file {path} is not yours alone ({problem}), and is not used.",
    hint: "It holds tokens. {remedy}",
  },
  "file-locked": {
    exit: "unexpected",
    message: "Another run of bastion has been holding {file} for {seconds} s.",
    hint: "Try again; if it persists, end that run.",
  },

  // This computer
  "local-port-taken": {
    exit: "local-port",
    message: "Port {port} on {address} is already in use.",
    hint: "Choose another with --port, or leave --port out and the system chooses.",
  },
  "local-port-privileged": {
    exit: "local-port",
    message: "Port {port} on {address} may be opened by administrators only.",
    hint: "Choose a port above 1023 with --port, or leave --port out.",
  },
  "local-port-excluded": {
    exit: "local-port",
    message: "Windows has reserved port {port} on {address}.",
    hint:
      "List the ranges with: netsh interface ipv4 show excludedportrange protocol=tcp. Choose a port outside them.",
  },
  "local-address-unavailable": {
    exit: "local-port",
    message: "This computer has no address {address} to listen on.",
    hint: "Give --bind one of this computer's addresses; 127.0.0.1 is the default.",
  },
  "local-port-failed": {
    exit: "local-port",
    message: "Port {port} on {address} cannot be opened: {problem}",
    hint: "Choose another with --port, or leave --port out.",
  },
  "command-not-found": {
    exit: "usage",
    message: "The program {program} was not found.",
    hint: "Check the spelling and PATH.",
  },
  "command-failed": {
    exit: "unexpected",
    message: "The program {program} could not be started: {problem}",
    hint: "Check that it may be run.",
  },
  "file-failed": {
    exit: "configuration",
    message: "The file {file} cannot be {action}: {problem}",
    hint: "Check its path and permissions.",
  },

  // Plugins
  "plugin-conflict": {
    exit: "plugin",
    message: "The {kind} {name} is contributed by both {owner} and {other}.",
    hint: "Remove one of the two plugins.",
  },
  "plugin-invalid": {
    exit: "plugin",
    message: "Plugin {plugin} cannot be used: {problem}.",
    hint: "Update the plugin, or remove it.",
  },
  "plugin-failed": {
    exit: "plugin",
    message: "Plugin {plugin} failed in {hook}: {problem}",
    hint: "Report it to the plugin's author, or remove the plugin.",
  },
  "plugin-timeout": {
    exit: "plugin",
    message: "Plugin {plugin} did not finish {hook} within {seconds} s.",
    hint: "Report it to the plugin's author, or remove the plugin.",
  },
  "plugin-check": { exit: "plugin", message: "{problem}", hint: "{remedy}" },
  "tunnel-denied": {
    exit: "forbidden",
    message: "Plugin {plugin} does not allow this tunnel: {reason}",
    hint: "Ask whoever set the plugin up.",
  },
  "service-missing": {
    exit: "plugin",
    message: "Plugin {plugin} needs the service {service}, which no plugin provides.",
    hint: "Add the plugin that provides it.",
  },
} as const satisfies ErrorCatalogue;
