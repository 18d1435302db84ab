/** The one function of react-dom that the page calls. */
declare module 'react-dom/client' {
  import type { ReactNode } from 'react'

  export function createRoot(container: Element): { render(children: ReactNode): void }
}
