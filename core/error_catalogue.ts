/**
 * The catalogue of everything that can go wrong in the core: by its stable code, what the user is
 * told and what helps. The reference page is generated from it.
 */

/** The kind of a failure; `cli/exit_codes.ts` gives each its number. */
export type ExitKind =
  | "unexpected"
  | "usage"
  | "configuration"
  | "credential"
  | "forbidden"
  | "not-found"
  | "unfit"
  | "network"
  | "target-port"
  | "host-key"
  | "transfer"
  | "local-port"
  | "plugin";

/** One kind of failure. `{name}` in message and hint stands for the parameter of that name. */
export interface ErrorDefinition {
  readonly exit: ExitKind;
  readonly message: string;
  readonly hint: string;
}

export type ErrorCatalogue = Readonly<Record<string, ErrorDefinition>>;

export const errors = {
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
    hint: "It holds session tokens. Run: chmod {mode} {path}",
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

  // Azure credential
  "credential-missing": {
    exit: "credential",
    message: "No Azure credential was found: {tried}.",
    hint:
      "Run: bastion login. In a job, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal.",
  },
  "credential-refused": {
    exit: "credential",
    message: "Microsoft Entra refused the credential ({credential}): {reason}",
    hint: "Check tenant, client id and secret or certificate; a secret may have expired.",
  },
  "credential-absent": {
    exit: "credential",
    message: "The Azure credential {credential} was asked for, and is not there: {reason}.",
    hint: "Set it up, or leave --credential out, and the others are tried too.",
  },
  "credential-broken": {
    exit: "credential",
    message: "The Azure credential {credential} cannot be used: {problem}.",
    hint: "{remedy}",
  },
  "credential-interaction": {
    exit: "credential",
    message: "Microsoft Entra wants {credential} to sign in anew: {reason}",
    hint: "Run: {command}",
  },
  "login-file-invalid": {
    exit: "configuration",
    message: "{path} is not what bastion login has written.",
    hint: "Remove it and run bastion login again.",
  },
  "login-timeout": {
    exit: "credential",
    message: "Nobody has signed in within {minutes} min.",
    hint: "Run bastion login again; with --device-code another computer's browser will do.",
  },
  "credential-rejected": {
    exit: "credential",
    message: "{service} does not accept the access token (HTTP 401{detail}).",
    hint:
      "The credential may be of another tenant than the bastion host's subscription, or this computer's clock may be wrong.",
  },

  // Azure Resource Manager
  "subscription-missing": {
    exit: "usage",
    message: "It is not clear which subscription is meant: {found}.",
    hint: "Give --subscription (a name or an id), or set AZURE_SUBSCRIPTION_ID.",
  },
  "subscription-not-found": {
    exit: "not-found",
    message: "There is no subscription {subscription} that this credential may see.",
    hint: "Check the spelling, and that the credential has a role in that subscription.",
  },
  "host-not-found": {
    exit: "not-found",
    message: "There is no bastion host {host} in subscription {subscription}.",
    hint: "Check --name, --resource-group and --subscription; the host may be in another one.",
  },
  "arm-forbidden": {
    exit: "forbidden",
    message: "Azure does not let this credential read {resource} (HTTP 403{detail}).",
    hint:
      "It needs the Reader role on the bastion host, the VM, its network interface and its VNet.",
  },
  "arm-throttled": {
    exit: "network",
    message: "Azure Resource Manager asks to slow down ({resource}; HTTP 429{detail}).",
    hint: "Too much was asked of it with this credential. Wait some minutes, then try again.",
  },
  "arm-refused": {
    exit: "network",
    message: "Azure Resource Manager refused the request for {resource} (HTTP {status}{detail}).",
    hint: "Check names and ids; give the correlation id to Azure support if it persists.",
  },
  "arm-failed": {
    exit: "network",
    message: "Azure Resource Manager could not answer for {resource}: {problem}",
    hint: "Try again in a moment; give the correlation id to Azure support if it persists.",
  },
  "arm-unreadable": {
    exit: "network",
    message: "Azure Resource Manager's answer for {resource} cannot be used: {problem}.",
    hint: "A proxy or portal may have answered in its place; see --debug.",
  },

  // Targets and the bastion host that leads there
  "target-not-found": {
    exit: "not-found",
    message: "There is no target {target}: {tried}.",
    hint: "{remedy}",
  },
  "target-ambiguous": {
    exit: "not-found",
    message: "The name {target} fits several targets: {candidates}.",
    hint: "Give GROUP/NAME, with --subscription where that is not enough, or the resource id.",
  },
  "host-ambiguous": {
    exit: "not-found",
    message: "The name {host} fits several bastion hosts: {candidates}.",
    hint:
      "Give --bastion GROUP/NAME, with --subscription where that is not enough, or its full id.",
  },
  "host-unknown": {
    exit: "not-found",
    message: "There is no bastion host {host} in {where}.",
    hint: "{remedy}",
  },
  "host-not-told": {
    exit: "not-found",
    message: "Which bastion host leads to {target} cannot be told: {why}.",
    hint: "Name it: --bastion [GROUP/]NAME, or az's --name and --resource-group.",
  },
  "host-none-reaches": {
    exit: "not-found",
    message: "No bastion host that reaches {target} was found: {why}.",
    hint:
      "If you know better, name one: --bastion [GROUP/]NAME. A host is needed in the VM's VNet, or in one that is peered with it.",
  },

  // Fitness of host and target
  "host-sku": {
    exit: "unfit",
    message: "Bastion host {host} has the SKU {sku}, which bastion cannot connect through.",
    hint: "Native clients need Standard or Premium (or the free Developer): upgrade the host.",
  },
  "host-sku-limit": {
    exit: "unfit",
    message: "Bastion host {host} has the SKU {sku}, which cannot {what}.",
    hint: "{remedy}",
  },
  "host-tunneling-off": {
    exit: "unfit",
    message: "Native client support is switched off on bastion host {host}.",
    hint:
      "Switch it on: az network bastion update --name NAME --resource-group GROUP --enable-tunneling true",
  },
  "host-ip-connect-off": {
    exit: "unfit",
    message: "Connecting by IP address is switched off on bastion host {host}.",
    hint:
      "Switch it on: az network bastion update --name NAME --resource-group GROUP --enable-ip-connect true; or use --target-resource-id.",
  },
  "host-ip-connect-port": {
    exit: "unfit",
    message: "Port {port} cannot be reached by IP address: IP connect knows only 22 and 3389.",
    hint: "Use --target-resource-id for other ports, or forward through SSH (ssh -L) on port 22.",
  },
  "vm-not-found": {
    exit: "not-found",
    message: "There is no VM {vm} in subscription {subscription}.",
    hint:
      "Check the spelling, the resource group and the subscription: bastion targets lists the VMs.",
  },
  "vm-forbidden": {
    exit: "forbidden",
    message: "Azure does not let this credential read the VM {vm} (HTTP 403{detail}).",
    hint: "It needs the Reader role on {id}, on its network interface and on its VNet.",
  },
  "vm-stopped": {
    exit: "unfit",
    message: "The VM {vm} is not running (it is {power}).",
    hint: "Start it: {command}",
  },
  "host-provisioning": {
    exit: "unfit",
    message: "Bastion host {host} is not ready (its provisioning state is {state}).",
    hint: "Wait until it says Succeeded, or look at the host in the portal.",
  },
  "host-address-invalid": {
    exit: "unfit",
    message: "Azure gave no usable address for bastion host {host} ({problem}).",
    hint: "No token is sent to such an address. Look at the host's dnsName in the portal.",
  },

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
    hint: "Reader is needed on the VM, its network interface, the bastion host and a peered VNet.",
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
  "token-refused": {
    exit: "network",
    message: "Azure Bastion did not give a session for {target} (HTTP {status}{detail}).",
    hint: "HTTP 400 with many Entra groups means an oversized token; HTTP 5xx passes by itself.",
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
    hint: "Reader is needed on the VM, its network interface, the bastion host and a peered VNet.",
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
    message: "Azure Bastion could not reach {target} (WebSocket close {code}{detail}).",
    hint:
      "Check that something listens on that port, and that the network security group lets the bastion subnet in.",
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
