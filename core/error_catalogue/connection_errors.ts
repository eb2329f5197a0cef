/** What can go wrong on the way to the target: network, sessions, WebSocket. */

import type { ErrorCatalogue } from "../error_catalogue.ts";

export const connectionErrors = {
  // Network
  "dns-failed": {
    exit: "network",
    message: "The name {host} cannot be resolved{via}.",
    hint:
      "Check the spelling, the VPN and the DNS server (a private host needs its private zone). Where only a proxy leads out, set HTTPS_PROXY.",
  },
  "connect-refused": {
    exit: "network",
    message: "{host} refused the connection{via}.",
    hint:
      "Nothing listens there, or a firewall rejects it. A company's proxy may answer within its network only.",
  },
  "connect-timeout": {
    exit: "network",
    message: "{host} did not answer within {seconds} s{via}.",
    hint:
      "A firewall may drop the traffic: {host} must be open, to you or to the proxy. Where only a proxy leads out, set HTTPS_PROXY.",
  },
  "connect-failed": {
    exit: "network",
    message: "{host} cannot be reached{via}: {problem}",
    hint: "Check the network and the proxy settings (HTTPS_PROXY, NO_PROXY).",
  },
  "tls-untrusted": {
    exit: "network",
    message: "The certificate that {host} presents is not trusted{via}: {problem}",
    hint:
      "If your company inspects TLS, give its CA with --ca-file or SSL_CERT_FILE, or add it to the system's store. Verification cannot be switched off.",
  },
  "tls-failed": {
    exit: "network",
    message: "TLS with {host} failed{via}: {problem}",
    hint:
      "A firewall, proxy or portal between here and Azure may have cut it or answered in its place; see --debug.",
  },
  "proxy-refused": {
    exit: "network",
    message: "The proxy {proxy} did not open a way to {host}: {problem}",
    hint: "Ask for outbound CONNECT to port 443, or add the host to NO_PROXY.",
  },
  "proxy-authentication": {
    exit: "network",
    message: "The proxy {proxy} wants a sign-in ({schemes}), and was given none that it accepts.",
    hint:
      "Basic: put user:password into HTTPS_PROXY. Negotiate or NTLM: run a local proxy that signs in (cntlm, px) and point HTTPS_PROXY at it.",
  },
  "http-failed": {
    exit: "network",
    message: "The request to {host} failed: {problem}",
    hint: "Check the network and the proxy settings (HTTPS_PROXY, NO_PROXY).",
  },
  "http-truncated": {
    exit: "network",
    message: "The answer of {host} was cut off: {problem}",
    hint: "Try again; a proxy may have dropped the connection.",
  },
  "http-too-large": {
    exit: "network",
    message: "The answer of {host} is larger than {limit} bytes.",
    hint: "It was cut off, unread. A proxy or portal may have answered in the service's place.",
  },

  // Data plane: token exchange
  "token-unauthorized": {
    exit: "credential",
    message: "Azure Bastion does not accept the access token (HTTP 401{detail}).",
    hint:
      "The credential may be of another tenant than the bastion host's subscription, or it has just been revoked.",
  },
  "token-forbidden": {
    exit: "forbidden",
    message: "Azure Bastion refuses access to {target} (HTTP 403{detail}).",
    hint:
      "Reader is needed on the VM, its network interface, the bastion host and a peered VNet: bastion doctor TARGET tells which is missing.",
  },
  "token-not-found": {
    exit: "not-found",
    message: "Azure Bastion does not find {target} (HTTP 404{detail}).",
    hint:
      "Check the resource id or IP address, and that the VM is in the host's VNet or a peered one.",
  },
  "token-throttled": {
    exit: "network",
    message: "Azure Bastion asks to slow down (HTTP 429{detail}).",
    hint: "The host may be at its limit of sessions: close some, or add scale units.",
  },
  "token-oversized": {
    exit: "credential",
    message: "The access token is too large for Azure Bastion: {size} bytes{detail}.",
    hint:
      "Each Entra group of the user's makes it larger; about 150 are too many. Use an account or a service principal in fewer groups, or have groups left out of tokens.",
  },
  "token-refused": {
    exit: "network",
    message: "Azure Bastion did not give a session for {target} (HTTP {status}{detail}).",
    hint:
      "HTTP 5xx passes by itself; for anything else, bastion doctor TARGET looks at every step.",
  },
  "token-unreadable": {
    exit: "network",
    message: "Azure Bastion's answer to the session request cannot be used: {problem}.",
    hint: "A proxy or portal may have answered in its place; see --debug.",
  },
  "data-pod-invalid": {
    exit: "unfit",
    message: "The data pod that bastion host {host} named cannot be used: {problem}.",
    hint:
      "No token is sent to such an address. A proxy or portal may have answered in its place; see --debug.",
  },

  "local-gone": {
    exit: "network",
    message: "The local program went away before the connection was ready ({problem}).",
    hint: "Nothing is wrong with the tunnel; the program may have lost patience.",
  },

  // Data plane: transport
  "upgrade-refused": {
    exit: "network",
    message: "Azure Bastion refused the WebSocket (HTTP {status}{detail}).",
    hint:
      "A proxy that drops the Upgrade header gives this too: have the bastion host's address exempted from inspection, or add it to NO_PROXY.",
  },
  "upgrade-forbidden": {
    exit: "forbidden",
    message: "Azure Bastion refused the WebSocket (HTTP 403{detail}).",
    hint:
      "Reader is needed on the VM, its network interface, the bastion host and a peered VNet: bastion doctor TARGET tells which is missing.",
  },
  "upgrade-broken": {
    exit: "network",
    message: "Azure Bastion's WebSocket handshake is broken: {problem}.",
    hint:
      "New sessions were tried, and as a rule it passes by itself. If it does not, a proxy may not let WebSockets through: have the bastion host's address exempted from inspection.",
  },
  "peer-protocol": {
    exit: "network",
    message: "Azure Bastion broke the WebSocket protocol: {problem}.",
    hint: "The connection was ended, since what follows cannot be trusted. Connect again.",
  },
  "peer-silent": {
    exit: "network",
    message: "Azure Bastion has not answered for {seconds} s.",
    hint:
      "The network or the host has gone away. Connect again; --ping-interval sets how soon this is noticed.",
  },
  "peer-cut": {
    exit: "network",
    message: "The connection to Azure Bastion was cut ({how}).",
    hint: "The network, a proxy or the host dropped it. Connect again.",
  },
  "peer-closed": {
    exit: "network",
    message: "Azure Bastion ended the connection (WebSocket close {code}{detail}).",
    hint: "The host may be restarting or the session's time is up. Connect again.",
  },
  "target-unreachable": {
    exit: "target-port",
    message:
      "Azure Bastion could not reach {target}, and gave up after {seconds} s, as with a filtered port (WebSocket close {code}{detail}).",
    hint:
      "The network security group and the VM's own firewall must let AzureBastionSubnet in on that port; and the VM must be up: bastion doctor TARGET looks.",
  },
  "target-refused": {
    exit: "target-port",
    message:
      "{target} refuses connections, as a closed port does (WebSocket close {code}{detail}).",
    hint: "Nothing listens on that port, or the VM is not up yet. Look at the service on the VM.",
  },
  "target-silent": {
    exit: "target-port",
    message: "{target} has not said a word for {seconds} s; an SSH server greets at once.",
    hint:
      "The port seems to be filtered: the network security group and the VM's own firewall must let AzureBastionSubnet in. Or no SSH server listens there.",
  },
  "check-timeout": {
    exit: "network",
    message: "There was no answer within {seconds} s.",
    hint: "Something on the way may drop the traffic; --timeout gives each check more time.",
  },
} as const satisfies ErrorCatalogue;
