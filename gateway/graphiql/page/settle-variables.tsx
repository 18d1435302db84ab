import { useGraphiQL } from '@graphiql/react'
import { useEffect } from 'react'
import { account } from './account.ts'
import { settle } from './placeholders.ts'
import { useStore } from './store.ts'

/** Writes known ids into the variables of the tab in front, whenever the tab or the account changes. Draws nothing. */
export function SettleVariables() {
  const who = useStore(account)
  const editor = useGraphiQL((state) => state.variableEditor)
  const tabId = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the account and the tab are what it reacts to
  useEffect(() => {
    if (!editor) return
    let isCurrent = true
    const before = editor.getValue()
    void settle(before).then((after) => {
      // Somebody who typed meanwhile keeps what they typed.
      if (isCurrent && after !== before && editor.getValue() === before) editor.setValue(after)
    })
    return () => {
      isCurrent = false
    }
  }, [who, editor, tabId])

  return null
}
