/** Counters since the start; what `GET /_emulator/stats` answers. */
export interface Stats {
  /** POSTs to /api/tokens, refused ones and such with faults included. */
  tokenPosts: number;
  /** Those that were answered with a session. */
  sessionsIssued: number;
  /** POSTs to /api/connection, which Developer hosts have. */
  connectionPosts: number;
  /** DELETEs that ended a session. */
  tokenDeletes: number;
  /** DELETEs of sessions that were not there. */
  tokenDeletesUnknown: number;
  /** Sessions that were issued and not deleted. */
  outstandingSessions: number;
  openWebSockets: number;
  /** WebSockets opened in all, and at most at once. */
  webSocketsOpened: number;
  webSocketsPeak: number;
  /** Upgrades that were refused, by the rules or by a fault. */
  upgradesRefused: number;
  /** Payload bytes, client to target (up) and back (down). */
  bytesUp: number;
  bytesDown: number;
  /** Data frames. */
  framesUp: number;
  framesDown: number;
  /** Payload bytes of the largest data frame that a client sent. */
  largestFrameUp: number;
  /** Frames that continue another; the real service rejects them, and so do we. */
  continuationFramesUp: number;
  pingsUp: number;
  accessTokensIssued: number;
  armRequests: number;
  /** To Entra: its documents, pages and tokens. */
  entraRequests: number;
  /** To the metadata service and App Service's endpoint. */
  managedIdentityRequests: number;
  /** Faults that struck. */
  faultsStruck: number;
  /** TCP connections to data planes. */
  dataPlaneConnections: number;
  /** TCP connections to Entra and Resource Manager, which share a listener. */
  endpointConnections: number;
}

export function createStats(): Stats {
  return {
    tokenPosts: 0,
    sessionsIssued: 0,
    connectionPosts: 0,
    tokenDeletes: 0,
    tokenDeletesUnknown: 0,
    outstandingSessions: 0,
    openWebSockets: 0,
    webSocketsOpened: 0,
    webSocketsPeak: 0,
    upgradesRefused: 0,
    bytesUp: 0,
    bytesDown: 0,
    framesUp: 0,
    framesDown: 0,
    largestFrameUp: 0,
    continuationFramesUp: 0,
    pingsUp: 0,
    accessTokensIssued: 0,
    armRequests: 0,
    entraRequests: 0,
    managedIdentityRequests: 0,
    faultsStruck: 0,
    dataPlaneConnections: 0,
    endpointConnections: 0,
  };
}
