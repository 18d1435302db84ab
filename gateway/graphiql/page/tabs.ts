import { createStore } from './store.ts'

/** GraphiQL's tabs by id: which one is in front, and all that are open. */
export const tabs = createStore<{ front: string; open: string[] }>({ front: '', open: [] })
