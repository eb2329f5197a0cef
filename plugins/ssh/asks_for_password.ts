/**
 * Whether a question is for the password, as far as its words tell.
 *
 * Threat: the server words the question, and what asks for something else must not get the password.
 */
export function asksForPassword(question: string): boolean {
  return /password|passcode/i.test(question) &&
    !/new password|verification|one-time/i.test(question);
}
