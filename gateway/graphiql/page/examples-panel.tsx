import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { type Example, topics } from './examples.ts'
import './styles/examples.css'

/** GraphiQL's side panel with every operation of the contract, by topic. */
export const examplesPlugin = { title: 'Examples', icon: ExamplesIcon, content: ExamplesPanel }

function ExamplesPanel() {
  const open = useOpenExample()
  return (
    <nav aria-label="Examples">
      <h2 className="examples-title">Examples</h2>
      <p className="quiet small">
        Every operation of the contract. Words in {'{{braces}}'} are filled in for you, at the latest when it
        runs.
      </p>
      {topics.map((topic) => (
        <section key={topic.title}>
          <h3 className="topic">{topic.title}</h3>
          <ul>
            {topic.examples.map((example) => (
              <li key={example.name}>
                <button type="button" className="plain example" onClick={() => open(example)}>
                  <strong className="example-name">{example.name}</strong>
                  <span className="example-kind" data-kind={example.kind}>
                    {example.kind}
                  </span>
                  <span className="quiet small example-purpose">{example.purpose}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}

/** Goes to the tab that holds the example unchanged, or opens one. */
function useOpenExample(): (example: Example) => void {
  const { addTab, changeTab, stop, updateActiveTabValues } = useGraphiQLActions()
  const tabs = useGraphiQL((state) => state.tabs)
  const queryEditor = useGraphiQL((state) => state.queryEditor)
  const variableEditor = useGraphiQL((state) => state.variableEditor)
  return ({ name, query, variables }) => {
    const index = tabs.findIndex((tab) => tab.query === query)
    if (index >= 0) return changeTab(index)
    // GraphiQL lets a running subscription write on into the new tab, so it is ended first.
    stop()
    addTab()
    queryEditor?.setValue(query)
    variableEditor?.setValue(variables)
    updateActiveTabValues({ query, variables, operationName: name })
  }
}

function ExamplesIcon() {
  return (
    <svg
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M4 5h.01M4 10h.01M4 15h.01M8 5h8M8 10h8M8 15h5" />
    </svg>
  )
}
