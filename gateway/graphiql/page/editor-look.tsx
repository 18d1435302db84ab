import { useGraphiQL, useMonaco } from '@graphiql/react'
import { useEffect } from 'react'
import { darkTheme, editorOptions, editorTheme, lightTheme } from './monaco.ts'

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

/** Gives the editors Cadenza's colours and fonts, and follows the computer between light and dark. Draws nothing. */
export function EditorLook() {
  const monaco = useMonaco((state) => state.monaco)
  const theme = useGraphiQL((state) => state.theme)
  const editors = useGraphiQL((state) => [
    state.queryEditor,
    state.variableEditor,
    state.headerEditor,
    state.responseEditor,
  ])

  useEffect(() => {
    if (!monaco) return
    monaco.editor.defineTheme(editorTheme.light, lightTheme)
    monaco.editor.defineTheme(editorTheme.dark, darkTheme)
    const apply = () =>
      monaco.editor.setTheme(editorTheme[theme ?? (systemIsDark.matches ? 'dark' : 'light')])
    apply()
    systemIsDark.addEventListener('change', apply)
    return () => systemIsDark.removeEventListener('change', apply)
  }, [monaco, theme])

  useEffect(() => {
    for (const editor of editors) editor?.updateOptions(editorOptions)
  }, [editors])

  return null
}
