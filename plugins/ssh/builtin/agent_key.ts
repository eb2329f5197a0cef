// @ts-types="@types/ssh2"
import ssh2 from "ssh2";

/**
 * The user's agent, as far as it has one key: as OpenSSH does, it is asked before a passphrase is.
 * @param publicKey type and key
 */
export function agentKey(socket: string, publicKey: string): ssh2.BaseAgent {
  const agent = ssh2.createAgent(socket);
  const [, wanted = ""] = publicKey.split(" ");
  const all = agent.getIdentities.bind(agent);
  agent.getIdentities = (done) =>
    all((error, keys) => {
      // No agent, or one that says nothing of use: the key's file is left.
      const found = error ? [] : (keys ?? []).filter((key) => {
        const parsed = ssh2.utils.parseKey(key as ssh2.ParsedKey);
        return !(parsed instanceof Error) && parsed.getPublicSSH().toString("base64") === wanted;
      });
      done(undefined, found);
    });
  return agent;
}
