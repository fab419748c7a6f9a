package opinion

import (
	"fmt"
	"html/template"
	"io"
)

// twin is the table that says what a picture shows.
var twin = template.Must(template.New("twin").Parse(`<div class="opinion-table" lang="{{.W.Lang}}" dir="{{.W.Dir}}">
<table>
<caption>{{.Title}}{{with .Stability}} · {{.}}{{end}}</caption>
<thead><tr><th scope="col">{{.W.Groups}}</th><th scope="col" class="number">{{.W.Size}}</th><th scope="col">{{.W.SetsApart}}</th></tr></thead>
<tbody>
{{- range .Groups}}
<tr><th scope="row">{{.Name}}</th><td class="number">{{.Size}}</td><td>{{if .Lines}}<ul>{{range .Lines}}<li><b>{{.Side}}{{with .Share}} · {{.}}{{end}}</b> · {{.ID}} <bdi>{{.Text}}</bdi></li>{{end}}</ul>{{else}}{{$.W.None}}{{end}}</td></tr>
{{- end}}
</tbody>
</table>
{{- range .Lists}}
<h3>{{.Title}}</h3>
<ol>{{range .Lines}}<li>{{with .Share}}<b>{{.}}</b> · {{end}}{{.ID}} <bdi>{{.Text}}</bdi></li>{{end}}</ol>
{{- end}}
<table>
<caption>{{.W.Statements}}</caption>
<thead><tr><th scope="col" class="number">№</th><th scope="col">{{.W.Statement}}</th><th scope="col" class="number">{{.W.Votes}}</th><th scope="col" class="number">{{.W.Agree}}</th><th scope="col" class="number">{{.W.Disagree}}</th><th scope="col" class="number">{{.W.Pass}}</th>{{range .Groups}}<th scope="col" class="number">{{.Name}}: {{$.W.Agree}}</th>{{end}}</tr></thead>
<tbody>
{{- range .Rows}}
<tr><th scope="row" class="number">{{.ID}}</th><td><bdi>{{.Text}}</bdi></td>{{range .Cells}}{{if .Withheld}}<td class="number withheld">{{$.W.Withheld}}</td>{{else}}<td class="number">{{.Text}}</td>{{end}}{{end}}</tr>
{{- end}}
</tbody>
</table>
{{- range .Notes}}
<p class="note">{{.Text}}</p>
{{- end}}
</div>
`))

type twinView struct {
	W         Words
	Title     string
	Stability string
	Groups    []twinGroup
	Lists     []twinList
	Rows      []twinRow
	Notes     []Note
}

type twinGroup struct {
	Name  string
	Size  int
	Lines []twinLine
}

type twinList struct {
	Title string
	Lines []twinLine
}

type twinLine struct{ Side, Share, ID, Text string }

type twinRow struct {
	ID, Text string
	Cells    []twinCell
}

type twinCell struct {
	Text     string
	Withheld bool
}

// Table writes what the picture shows, and every accepted statement, as an
// HTML fragment. Its classes are opinion-table, number, withheld and note.
// The notes are in English.
func (r *Result) Table(w io.Writer, words Words) error {
	if words.Group == nil {
		words = English()
	}
	v := twinView{W: words, Notes: r.Notes, Lists: r.lists(words)}
	grouped := 0
	for _, g := range r.Groups {
		grouped += g.Size
		v.Groups = append(v.Groups, twinGroup{words.Group(g.ID), g.Size, r.apart(g, words)})
	}
	v.Title = words.Title(len(r.Groups), grouped)
	if r.Stability != nil {
		v.Stability = words.Stability(*r.Stability, r.Resampling.Resamples)
	}
	for i := range r.StatementResults {
		if s := &r.StatementResults[i]; !s.ModeratedOut && (s.Seen > 0 || s.Suppressed) {
			v.Rows = append(v.Rows, s.row(len(r.Groups), words))
		}
	}
	if err := twin.Execute(w, v); err != nil {
		return fmt.Errorf("writing opinion table: %w", err)
	}
	return nil
}

// apart gives the lines of the statements that set a group apart.
func (r *Result) apart(g Group, words Words) []twinLine {
	var out []twinLine
	for _, x := range g.Representative {
		line := twinLine{Side: words.Agree, ID: string(x.Statement), Text: r.text(x.Statement)}
		if x.Side == Disagree {
			line.Side = words.Disagree
		}
		if x.Seen > 0 {
			line.Share = words.Of(words.Share(float64(x.Votes)/float64(x.Seen)), x.Seen)
		}
		out = append(out, line)
	}
	return out
}

// lists gives the lists of what joins and what divides that are not empty.
func (r *Result) lists(words Words) []twinList {
	var out []twinList
	add := func(title string, lines []twinLine) {
		if len(lines) > 0 {
			out = append(out, twinList{title, lines})
		}
	}
	plain := func(ids []StatementID, side func(Counts) int) []twinLine {
		var lines []twinLine
		for _, id := range ids {
			line := twinLine{ID: string(id)}
			if s := r.statement(id); s != nil {
				line.Text = s.Text
				if s.Seen > 0 {
					line.Share = words.Of(words.Share(float64(side(s.Counts))/float64(s.Seen)), s.Seen)
				}
			}
			lines = append(lines, line)
		}
		return lines
	}
	agree, disagree := func(n Counts) int { return n.Agree }, func(n Counts) int { return n.Disagree }
	add(words.AllAgree, plain(r.Consensus.Agree, agree))
	add(words.AllDisagree, plain(r.Consensus.Disagree, disagree))
	if len(r.Groups) > 1 {
		add(words.GroupsAgree, plain(r.GroupAware.Agree, agree))
		add(words.GroupsDisagree, plain(r.GroupAware.Disagree, disagree))
	}
	if r.Bridges != nil {
		bridges := func(all []Bridge, side func(Counts) int) []twinLine {
			var ids []StatementID
			for _, b := range all {
				ids = append(ids, b.Statement)
			}
			return plain(ids, side)
		}
		add(words.CategoriesAgree, bridges(r.Bridges.Agree, agree))
		add(words.CategoriesDisagree, bridges(r.Bridges.Disagree, disagree))
		var divides []twinLine
		for _, d := range r.Bridges.Divides {
			divides = append(divides, twinLine{Share: d.More + " > " + d.Less, ID: string(d.Statement), Text: r.text(d.Statement)})
		}
		add(words.CategoriesDivided, divides)
	}
	return out
}

// statement finds a statement of the result, nil where there is none.
func (r *Result) statement(id StatementID) *StatementResult {
	for i := range r.StatementResults {
		if r.StatementResults[i].ID == id {
			return &r.StatementResults[i]
		}
	}
	return nil
}

func (r *Result) text(id StatementID) string {
	if s := r.statement(id); s != nil {
		return s.Text
	}
	return ""
}

// row gives the cells of a statement.
func (s *StatementResult) row(groups int, words Words) twinRow {
	row := twinRow{ID: string(s.ID), Text: s.Text}
	share := func(n, of int) {
		cell := twinCell{Text: "–"}
		if of > 0 {
			cell.Text = words.Share(float64(n) / float64(of))
		}
		row.Cells = append(row.Cells, cell)
	}
	if s.Suppressed {
		row.Cells = make([]twinCell, 4+groups)
		for i := range row.Cells {
			row.Cells[i].Withheld = true
		}
		return row
	}
	row.Cells = append(row.Cells, twinCell{Text: fmt.Sprint(s.Seen)})
	share(s.Agree, s.Seen)
	share(s.Disagree, s.Seen)
	share(s.Pass(), s.Seen)
	for g := range groups {
		if g < len(s.Groups) {
			share(s.Groups[g].Agree, s.Groups[g].Seen)
		} else {
			row.Cells = append(row.Cells, twinCell{Withheld: true})
		}
	}
	return row
}
