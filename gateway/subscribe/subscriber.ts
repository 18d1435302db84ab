/** Who follows a subscription, as its transport sees it. Nothing is called after `complete` or `cutOff`. */
export interface Subscriber {
  /** One execution result as JSON text: the same text for everybody who gets the same. */
  next(result: string): void
  complete(): void
  /** It fell too far behind: its connection ends, and the client comes back to resume. */
  cutOff(): void
  /** False while what it was sent before still waits. A stream that nobody is ready for is not read on. */
  isReady(): boolean
}
