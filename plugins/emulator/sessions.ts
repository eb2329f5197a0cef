/** The sessions of one bastion host's data plane. */

import type { SecretRecord } from "./secret_record.ts";
import type { Stats } from "./stats.ts";
import type { VirtualMachine } from "./world.ts";

export interface Session {
  readonly authToken: string;
  readonly nodeId: string;
  readonly websocketToken: string;
  readonly virtualMachine: VirtualMachine;
  readonly port: number;
}

export interface Sessions {
  issue(virtualMachine: VirtualMachine, port: number): Session;
  /**
   * The session, whose WebSocket token is used up from now on; or why there is none.
   * @param nodeId undefined where the address has none (Developer's)
   */
  takeWebSocket(websocketToken: string, nodeId: string | null | undefined): Session | string;
  /** Whether there was such a session. */
  delete(authToken: string, nodeId: string | undefined): boolean;
}

export function createSessions(stats: Stats, secrets: SecretRecord): Sessions {
  const byAuthToken = new Map<string, Session>();
  const byWebSocketToken = new Map<string, Session>();
  return {
    issue(virtualMachine, port) {
      const session: Session = {
        authToken: secrets.add(randomToken()),
        nodeId: crypto.randomUUID(),
        websocketToken: secrets.add(randomToken()),
        virtualMachine,
        port,
      };
      byAuthToken.set(session.authToken, session);
      byWebSocketToken.set(session.websocketToken, session);
      stats.sessionsIssued++;
      stats.outstandingSessions++;
      return session;
    },
    takeWebSocket(websocketToken, nodeId) {
      const session = byWebSocketToken.get(websocketToken);
      if (!session) return "The WebSocket token is unknown, or was used before.";
      if (nodeId !== undefined && session.nodeId !== nodeId) {
        return "X-Node-Id is not that of the session.";
      }
      byWebSocketToken.delete(websocketToken);
      return session;
    },
    delete(authToken, nodeId) {
      const session = byAuthToken.get(authToken);
      if (!session || session.nodeId !== nodeId) {
        stats.tokenDeletesUnknown++;
        return false;
      }
      byAuthToken.delete(authToken);
      byWebSocketToken.delete(session.websocketToken);
      stats.tokenDeletes++;
      stats.outstandingSessions--;
      return true;
    },
  };
}

/** Base64: now and then with `/`, `+` and `=`, which a client must escape in a path. */
function randomToken(): string {
  const [extra = 0] = crypto.getRandomValues(new Uint8Array(1));
  return crypto.getRandomValues(new Uint8Array(48 + extra % 3)).toBase64();
}
