package evaluate

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"strings"
)

var pageTemplate = template.Must(template.New("report").Parse(`<p class="finding">{{if not .Estimable}}Not estimable: {{.Reason}}.{{else if .Finding}}{{.Finding}}{{else}}No number of this report may be published; part 7 says why.{{end}}</p>
{{- range .Warnings}}
<p class="note">{{.}}.</p>
{{- end}}
{{- range .Charts}}
<figure>
{{.SVG}}
<details><summary>The same as a table</summary>
{{template "table" .Twin}}
</details>
</figure>
{{- end}}
{{- range .Sections}}
<h2>{{.Title}}</h2>
{{- range .Lines}}
<p>{{.}}</p>
{{- end}}
{{- range .Tables}}{{if .Rows}}
{{template "table" .}}
{{- end}}{{end}}
{{- end}}
{{define "table"}}<table>
{{with .Caption}}<caption>{{.}}</caption>
{{end}}<thead><tr>{{range .Head}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>
{{- range .Rows}}
<tr>{{range $i, $c := .}}{{if eq $i 0}}<th scope="row">{{$c}}</th>{{else}}<td class="number">{{$c}}</td>{{end}}{{end}}</tr>
{{- end}}
</tbody>
</table>{{end}}`))

// HTML gives the report as a fragment of HTML, headings from level 2 down,
// without style or script, with its pictures and their tables. Names from the
// data are escaped.
func (r *Report) HTML() (template.HTML, error) {
	type drawn struct {
		SVG  template.HTML
		Twin Table
	}
	view := struct {
		*Report
		Charts []drawn
	}{Report: r}
	for _, p := range r.Pictures() {
		var b bytes.Buffer
		if err := p.SVG(&b, Drawing{}); err != nil {
			return "", err
		}
		view.Charts = append(view.Charts, drawn{template.HTML(b.String()), p.Twin})
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, view); err != nil {
		return "", fmt.Errorf("writing report: %w", err)
	}
	return template.HTML(b.String()), nil
}

// CSV writes a table as comma-separated values.
func (t Table) CSV(w io.Writer) error {
	var b strings.Builder
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			if strings.ContainsAny(cell, "\",\r\n") || cell != strings.TrimSpace(cell) {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteByte('\n')
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing table: %w", err)
	}
	return nil
}
