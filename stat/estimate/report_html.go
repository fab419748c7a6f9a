package estimate

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"strings"
)

//go:embed templates/report.html
var reportHTML string

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"people": func(v int64) string { return people(float64(v)) }, "count": count, "number": number, "interval": interval,
	"stated": stated, "join": strings.Join, "methodsOf": methodsOf, "by": Variant.by, "trial": Truth.trial,
	"percent": func(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) },
	"ratio": func(v *float64) string {
		if v == nil {
			return "none"
		}
		return fmt.Sprintf("%.1f", *v)
	},
	"whole": people,
	"bic":   func(v float64) string { return fmt.Sprintf("%.2f", v) },
}).Parse(reportHTML))

// HTML gives the report as a fragment of HTML, headings from level 2 down,
// without style or script. Names from the table are escaped.
func (r *Report) HTML() (template.HTML, error) {
	var b bytes.Buffer
	if err := reportTemplate.Execute(&b, htmlView{r, newChart(r)}); err != nil {
		return "", fmt.Errorf("writing report: %w", err)
	}
	return template.HTML(b.String()), nil
}

// htmlView is what the template sees.
type htmlView struct {
	*Report
	Chart *chart
}

func (v htmlView) Reason() string     { return v.reason() }
func (v htmlView) Infinite() []string { return v.infinite() }
func (v htmlView) Smallest() int      { return smallest }
func (v htmlView) Changes() []Variant { return append(append([]Variant{}, v.LeftOut...), v.Merged...) }

// Rows shows the results with their words.
func (v htmlView) Rows() []htmlResult {
	out := make([]htmlResult, len(v.Results))
	for i, res := range v.Results {
		out[i] = htmlResult{res}
	}
	return out
}

// htmlResult is a result with its words.
type htmlResult struct{ Result }

func (r htmlResult) Title() string     { return r.Method.title() }
func (r htmlResult) Note() string      { return r.intervalNote() }
func (r htmlResult) Publishable() bool { return len(r.Refusals) == 0 }
func (r htmlResult) LowerBound() bool  { return r.Method == Chao }

// Searches shows the results that chose among log-linear models.
func (v htmlView) Searches() (out []htmlResult) {
	for _, res := range v.Rows() {
		if res.Search != nil {
			out = append(out, res)
		}
	}
	return out
}

// chart draws the estimates with their intervals on a logarithmic scale; the
// table of part 4 says the same.
type chart struct {
	Width, Height int
	Axis, TickEnd int // y of the axis and of the ends of its ticks
	Left, Right   int // x of its ends
	Rows          []chartRow
	Ticks         []chartTick
	Seen          float64 // x of the number observed
	SeenLabel     string
}

type chartRow struct {
	Label          string
	Y, TextY       int
	Low95, High95  float64
	Low80, High80  float64
	X              float64
	Has95, Has80   bool
	Value          string
	ValueX         float64
	Refused, Bound bool
}

type chartTick struct {
	X     float64
	Label string
}

const (
	chartWidth = 720
	chartLeft  = 230
	chartRight = 90
	rowHeight  = 34
)

// newChart is nil where there is nothing to draw.
func newChart(r *Report) *chart {
	low, high := float64(r.Observed), float64(r.Observed)
	n := 0
	for _, res := range r.Results {
		if res.Estimate == nil {
			continue
		}
		n++
		low, high = min(low, *res.Estimate), max(high, *res.Estimate)
		if res.Interval95 != nil {
			low, high = min(low, res.Interval95[0]), max(high, res.Interval95[1])
		}
	}
	if n == 0 || !(low > 0) || math.IsInf(high, 0) {
		return nil
	}
	if high < 1.2*low {
		high = 1.2 * low
	}
	span := math.Log(high / low)
	x := func(v float64) float64 {
		at := chartLeft + (chartWidth-chartLeft-chartRight)*math.Log(v/low)/span
		return math.Round(10*at) / 10
	}
	c := &chart{Width: chartWidth, Seen: x(float64(r.Observed)), SeenLabel: people(float64(r.Observed)) + " observed"}
	y := rowHeight
	for _, res := range r.Results {
		if res.Estimate == nil {
			continue
		}
		y += rowHeight
		row := chartRow{
			Label: res.Method.title(), Y: y, TextY: y + 5, X: x(*res.Estimate), Value: rounded(*res.Estimate),
			Refused: len(res.Refusals) > 0, Bound: res.Method == Chao,
		}
		end := row.X
		if i := res.Interval95; i != nil {
			row.Has95, row.Low95, row.High95 = true, x(i[0]), x(i[1])
			end = row.High95
		}
		if i := res.Interval80; i != nil {
			row.Has80, row.Low80, row.High80 = true, x(i[0]), x(i[1])
		}
		row.ValueX = end + 8
		c.Rows = append(c.Rows, row)
	}
	c.Axis = y + rowHeight/2
	c.TickEnd, c.Left, c.Right = c.Axis+6, chartLeft, chartWidth-chartRight
	c.Height = c.Axis + rowHeight
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high); power++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow(10, power); v >= low && v <= high {
				c.Ticks = append(c.Ticks, chartTick{x(v), people(v)})
			}
		}
	}
	return c
}
