package evaluate

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Style is the style sheet of pictures. A page that holds pictures has it in
// its own style sheet, so that its content security policy need not allow
// styles in the picture.
const Style = `.evaluate-chart{color:#1b2430;background:#fbfaf7;--halo:#fbfaf7;--mark:#1f6d9e;max-width:100%;height:auto}
.evaluate-chart text{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans Arabic","Noto Sans SC",sans-serif;paint-order:stroke;stroke:var(--halo);stroke-width:4px;stroke-linejoin:round}
@media(prefers-color-scheme:dark){.evaluate-chart{color:#e8e6e1;background:#14181d;--halo:#14181d;--mark:#6db3de}}
@media print{.evaluate-chart{color:#000;background:none;--halo:#fff;--mark:#000}}
`

// kind is how a line is drawn.
type kind int

const (
	solid kind = iota
	dashed
	dots
	faint
)

type line struct {
	kind  kind
	label string
	x, y  []float64
}

func (l *line) add(x, y float64) { l.x, l.y = append(l.x, x), append(l.y, y) }

type band struct {
	x  []float64
	in []Interval
}

func (b *band) add(x float64, in Interval) { b.x, b.in = append(b.x, x), append(b.in, in) }

type bar struct {
	x     float64
	in    Interval
	width float64
}

// chart is what a picture draws: lines, intervals, and marks at a change.
type chart struct {
	xNames         []string // of the places 0, 1, 2 …; nil where x is a number
	xLabel, yLabel string
	lines          []line
	bands          []band
	bars           []bar
	marks          []float64
	markNames      []string
	zero           bool // the axis of values holds zero
	zeroLine       bool
	sideways       bool // names stand down the side and values go to the right
}

func (c *chart) mark(x float64, name string) {
	c.marks, c.markNames = append(c.marks, x), append(c.markNames, name)
}

const (
	chartWidth = 960
	chartLeft  = 84
	chartRight = 936
	rowHeight  = 34
)

// Drawing says how a picture is written out.
type Drawing struct {
	ID         string // makes the ids of the picture unique on its page
	Standalone bool   // adds Style, for a picture that is a file of its own
}

// SVG draws the picture, without scripts, for light and dark pages.
func (p Picture) SVG(w io.Writer, d Drawing) error {
	var b bytes.Buffer
	id := escape(d.ID)
	if id == "" {
		id = "evaluate-" + p.Name
	}
	title := wrapped(p.Title, 78)
	note := wrapped(p.Note, 118)
	top := 40 + 26*float64(len(title)-1) + 34
	bottom := top + 440
	if p.chart.sideways {
		bottom = top + 24 + rowHeight*float64(max(1, len(p.chart.xNames)))
	}
	height := bottom + 62 + 20*float64(len(note))
	if p.Source != "" {
		height += 20
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="evaluate-chart" viewBox="0 0 %d %s" role="img" aria-labelledby="%s-title %s-desc" lang="en">`, chartWidth, num(height), id, id)
	if d.Standalone {
		fmt.Fprintf(&b, "\n<style>%s</style>", Style)
	}
	fmt.Fprintf(&b, "\n<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>", id, escape(p.Title), id, escape(p.Note))
	for i, text := range title {
		put(&b, 24, 36+26*float64(i), 20, "start", "600", text)
	}
	s := p.chart.scale(top, bottom)
	s.axes(&b)
	s.draw(&b)
	y := bottom + 62
	for _, text := range note {
		put(&b, 24, y, 14, "start", "400", text)
		y += 20
	}
	if p.Source != "" {
		put(&b, 24, y, 14, "start", "400", p.Source)
	}
	b.WriteString("\n</svg>\n")
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing picture: %w", err)
	}
	return nil
}

// scale places values on the picture.
type scale struct {
	*chart
	top, bottom  float64
	left         float64
	xLow, xHigh  float64
	low, high    float64
	ticks        []float64
	tickDecimals int
}

func (c *chart) scale(top, bottom float64) *scale {
	s := &scale{chart: c, top: top, bottom: bottom, left: chartLeft, xLow: math.Inf(1), xHigh: math.Inf(-1), low: math.Inf(1), high: math.Inf(-1)}
	reach := func(x, y float64) {
		if math.IsNaN(y) || math.IsInf(y, 0) {
			return
		}
		s.xLow, s.xHigh = min(s.xLow, x), max(s.xHigh, x)
		s.low, s.high = min(s.low, y), max(s.high, y)
	}
	for _, l := range c.lines {
		if l.kind == faint {
			continue // what is behind does not set the scale
		}
		for i := range l.x {
			reach(l.x[i], l.y[i])
		}
	}
	// Wide intervals are cut at the edge instead of flattening what is seen.
	room := 3 * (s.high - s.low)
	if c.zero {
		room = 3 * (max(s.high, 0) - min(s.low, 0))
	}
	if !(room > 0) {
		room = 1
	}
	floor, ceiling := s.low-room, s.high+room
	for _, b := range c.bands {
		for i := range b.x {
			reach(b.x[i], max(floor, min(ceiling, b.in[i][0])))
			reach(b.x[i], max(floor, min(ceiling, b.in[i][1])))
		}
	}
	for _, b := range c.bars {
		reach(b.x, max(floor, b.in[0]))
		reach(b.x, min(ceiling, b.in[1]))
	}
	if c.zero {
		s.low, s.high = min(s.low, 0), max(s.high, 0)
	}
	if math.IsInf(s.low, 0) {
		s.low, s.high, s.xLow, s.xHigh = 0, 1, 0, 1
	}
	if s.low == s.high {
		s.low, s.high = s.low-1, s.high+1
	}
	s.xLow, s.xHigh = s.xLow-0.5, s.xHigh+0.5
	step := niceStep((s.high - s.low) / 6)
	s.low, s.high = math.Floor(s.low/step+1e-9)*step, math.Ceil(s.high/step-1e-9)*step
	for k := 0; k <= int(math.Round((s.high-s.low)/step)) && k < 50; k++ {
		s.ticks = append(s.ticks, s.low+float64(k)*step)
	}
	s.tickDecimals = max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	if c.sideways {
		longest := 0
		for _, n := range c.xNames {
			longest = max(longest, utf8.RuneCountInString(cut(n)))
		}
		s.left = min(420, 40+7.8*float64(longest))
	}
	return s
}

// niceStep rounds up to 1, 2 or 5 times a power of ten.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// at places a point; what lies outside is brought to the edge.
func (s *scale) at(x, y float64) (px, py float64) {
	share := (max(s.low, min(s.high, y)) - s.low) / (s.high - s.low)
	along := (x - s.xLow) / (s.xHigh - s.xLow)
	if s.sideways {
		return s.left + share*(chartRight-s.left), s.top + along*(s.bottom-s.top)
	}
	return s.left + along*(chartRight-s.left), s.bottom - share*(s.bottom-s.top)
}

func (s *scale) axes(b *bytes.Buffer) {
	for _, t := range s.ticks {
		x1, y1 := s.at(s.xLow, t)
		x2, y2 := s.at(s.xHigh, t)
		opacity, width := ".15", "1"
		if math.Abs(t) < 1e-9*(s.high-s.low) && s.zeroLine {
			opacity, width = ".8", "1.5"
		}
		fmt.Fprintf(b, "\n"+`<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="currentColor" stroke-opacity="%s" stroke-width="%s"/>`, num(x1), num(y1), num(x2), num(y2), opacity, width)
		text := grouped(strconv.FormatFloat(t, 'f', s.tickDecimals, 64))
		if s.sideways {
			put(b, x1, s.bottom+20, 13, "middle", "400", text)
		} else {
			put(b, s.left-8, y1+4, 13, "end", "400", text)
		}
	}
	if s.sideways {
		for i, name := range s.xNames {
			_, y := s.at(float64(i), 0)
			put(b, s.left-12, y+4, 13, "end", "400", cut(name))
		}
		put(b, (s.left+chartRight)/2, s.bottom+42, 14, "middle", "400", s.yLabel)
		return
	}
	put(b, 24, s.top-14, 14, "start", "400", s.yLabel)
	every := 1
	for (s.xHigh-s.xLow)/float64(every) > 12 {
		every++
	}
	for x := math.Ceil(s.xLow); x <= s.xHigh; x++ {
		i := int(x)
		if ((i%every)+every)%every != 0 {
			continue
		}
		text := strconv.Itoa(i)
		if s.xNames != nil {
			if i < 0 || i >= len(s.xNames) {
				continue
			}
			text = s.xNames[i]
		}
		px, _ := s.at(x, s.low)
		put(b, px, s.bottom+20, 13, "middle", "400", cut(text))
	}
	if s.xLabel != "" {
		put(b, (s.left+chartRight)/2, s.bottom+42, 14, "middle", "400", s.xLabel)
	}
}

func (s *scale) draw(b *bytes.Buffer) {
	for i, x := range s.marks {
		px, _ := s.at(x, s.low)
		fmt.Fprintf(b, "\n"+`<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="currentColor" stroke-dasharray="2 4"/>`, num(px), num(s.top), num(px), num(s.bottom))
		anchor, shift := "start", 6.0
		if px > (s.left+chartRight)/2 {
			anchor, shift = "end", -6
		}
		put(b, px+shift, s.top+14, 13, anchor, "600", cut(s.markNames[i]))
	}
	for _, a := range s.bands {
		if len(a.x) == 0 {
			continue
		}
		var path strings.Builder
		for i := range a.x {
			x, y := s.at(a.x[i], a.in[i][1])
			fmt.Fprintf(&path, "%s,%s ", num(x), num(y))
		}
		for i := len(a.x) - 1; i >= 0; i-- {
			x, y := s.at(a.x[i], a.in[i][0])
			fmt.Fprintf(&path, "%s,%s ", num(x), num(y))
		}
		fmt.Fprintf(b, "\n"+`<polygon points="%s" fill="var(--mark,#1f6d9e)" fill-opacity=".18"/>`, strings.TrimSpace(path.String()))
	}
	for _, x := range s.bars {
		x1, y1 := s.at(x.x, x.in[0])
		x2, y2 := s.at(x.x, x.in[1])
		fmt.Fprintf(b, "\n"+`<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="var(--mark,#1f6d9e)" stroke-width="%s"/>`, num(x1), num(y1), num(x2), num(y2), num(x.width))
	}
	for _, l := range s.lines {
		s.line(b, l)
	}
}

func (s *scale) line(b *bytes.Buffer, l line) {
	if len(l.x) == 0 {
		return
	}
	if l.kind == dots {
		for i := range l.x {
			x, y := s.at(l.x[i], l.y[i])
			fmt.Fprintf(b, "\n"+`<circle cx="%s" cy="%s" r="%s" fill="currentColor"/>`, num(x), num(y), num(max(2, min(5, 700/float64(len(l.x))))))
		}
		return
	}
	if l.kind == faint {
		l = s.inside(l)
	}
	var path strings.Builder
	for i := range l.x {
		x, y := s.at(l.x[i], l.y[i])
		fmt.Fprintf(&path, "%s,%s ", num(x), num(y))
	}
	style := `stroke="var(--mark,#1f6d9e)" stroke-width="2.5"`
	switch l.kind {
	case dashed:
		style = `stroke="var(--mark,#1f6d9e)" stroke-width="2.5" stroke-dasharray="7 5"`
	case faint:
		style = `stroke="currentColor" stroke-opacity=".18" stroke-width="1"`
	}
	fmt.Fprintf(b, "\n"+`<polyline points="%s" fill="none" %s/>`, strings.TrimSpace(path.String()), style)
	if l.label != "" {
		// The label stands at the highest point of its line.
		top := 0
		for i := range l.y {
			if l.y[i] > l.y[top] {
				top = i
			}
		}
		x, y := s.at(l.x[top], l.y[top])
		anchor := "start"
		if x > (s.left+chartRight)/2 {
			anchor = "end"
		}
		put(b, x, max(s.top+30, y-10), 13, anchor, "600", l.label)
	}
}

// inside is the line up to where it first leaves the picture.
func (s *scale) inside(l line) line {
	for i, y := range l.y {
		if y < s.low || y > s.high {
			l.x, l.y = l.x[:i], l.y[:i]
			break
		}
	}
	return l
}

func put(b *bytes.Buffer, x, y, size float64, anchor, weight, text string) {
	fmt.Fprintf(b, "\n"+`<text x="%s" y="%s" font-size="%s" font-weight="%s" text-anchor="%s" fill="currentColor">%s</text>`, num(x), num(y), num(size), weight, anchor, escape(text))
}

// wrapped breaks a text into lines at spaces.
func wrapped(text string, most int) []string {
	var out []string
	for _, word := range strings.Fields(text) {
		last := len(out) - 1
		if last >= 0 && utf8.RuneCountInString(out[last])+1+utf8.RuneCountInString(word) <= most {
			out[last] += " " + word
		} else {
			out = append(out, word)
		}
	}
	if len(out) == 0 {
		out = []string{""}
	}
	return out
}

// cut shortens a label.
func cut(s string) string {
	if r := []rune(s); len(r) > 48 {
		return string(r[:47]) + "…"
	}
	return s
}

// num writes a coordinate with at most two digits after the point.
func num(x float64) string { return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64) }

// escape makes text safe in XML, whatever it holds.
func escape(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}
