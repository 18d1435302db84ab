import { HISTORY_PLUGIN } from '@graphiql/plugin-history'
import type { TabsState } from '@graphiql/react'
import { GraphiQL } from 'graphiql'
import type { ComponentProps } from 'react'
import { AccountMenu } from './account-menu.tsx'
import { EditorLook } from './editor-look.tsx'
import { EventsStrip } from './events-strip.tsx'
import { firstTabs } from './examples.ts'
import { examplesPlugin } from './examples-panel.tsx'
import { fetcher } from './fetcher.ts'
import { endpoint } from './http.ts'
import { recall, remember } from './memory.ts'
import { editorTheme } from './monaco.ts'
import { PlayerStrip } from './player-strip.tsx'
import { SettleVariables } from './settle-variables.tsx'
import { useStore } from './store.ts'
import './styles/bar.css'
import { tabs } from './tabs.ts'
import { notice } from './tokens.ts'

// GraphiQL subscribes with one observer object; its type asks for two more forms that it never uses.
const graphiqlFetcher = fetcher as unknown as ComponentProps<typeof GraphiQL>['fetcher']
const plugins = [examplesPlugin, HISTORY_PLUGIN]

// The examples are open on a first visit, where there is room; afterwards the panel is as it was left.
const isFirstVisit = recall(localStorage, 'visited') === null && innerWidth >= 1000
remember(localStorage, 'visited', true)

export function App() {
  return (
    <>
      <TopBar />
      <main>
        <GraphiQL
          fetcher={graphiqlFetcher}
          plugins={plugins}
          {...(isFirstVisit && { visiblePlugin: examplesPlugin })}
          defaultTabs={firstTabs}
          defaultEditorToolsVisibility="variables"
          editorTheme={editorTheme}
          onTabChange={followTabs}
        >
          <GraphiQL.Logo> </GraphiQL.Logo>
          <GraphiQL.Footer>
            <EventsStrip />
          </GraphiQL.Footer>
          <EditorLook />
          <SettleVariables />
        </GraphiQL>
      </main>
      <PlayerStrip />
    </>
  )
}

/** GraphiQL calls this before anything else hears of a change of tab. */
function followTabs({ tabs: open, activeTabIndex }: TabsState): void {
  tabs.set({ front: open[activeTabIndex]?.id ?? '', open: open.map((tab) => tab.id) })
}

function TopBar() {
  const said = useStore(notice)
  return (
    <header className="bar">
      <Wordmark />
      <code className="endpoint">{endpoint}</code>
      <p className="notice" role="status">
        {said}
      </p>
      <AccountMenu />
    </header>
  )
}

function Wordmark() {
  return (
    <h1 className="wordmark">
      <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" className="wordmark-glyph">
        <path
          d="M4 9v6M9 5v14M14 8v8M19 10.5v3"
          stroke="currentColor"
          strokeWidth="2.6"
          strokeLinecap="round"
        />
      </svg>
      Cadenza
    </h1>
  )
}
