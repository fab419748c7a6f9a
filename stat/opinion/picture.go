package opinion

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Picture draws a result as SVG, without scripts, for light and dark pages
// and both directions of writing. Colour never stands alone: groups bear
// letters and statements numbers.
type Picture struct {
	Words Words
	// Source is the line under the picture: where the votes are from, and
	// when.
	Source string
	// You marks a place.
	You *Point
	// ID makes the ids in the picture unique on its page.
	ID string
	// Standalone adds Style, for a picture that is a file of its own.
	Standalone bool
}

// Style is the style sheet of pictures. A page that holds pictures has it in
// its own style sheet, so that its content security policy need not allow
// styles in the picture.
const Style = `.opinion-map{color:#1b2430;background:#fbfaf7;--halo:#fbfaf7;max-width:100%;height:auto}
.opinion-map text{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans Arabic","Noto Sans SC",sans-serif;paint-order:stroke;stroke:var(--halo);stroke-width:4px;stroke-linejoin:round}
@media(prefers-color-scheme:dark){.opinion-map{color:#e8e6e1;background:#14181d;--halo:#14181d}}
@media print{.opinion-map{color:#000;background:none;--halo:#fff}}
`

// Colours that hold three to one against a light and a dark page.
var palette = [...]string{"#2f7fb5", "#b0660f", "#3a8a4b", "#9a62b8", "#b5527a", "#7d7a2a", "#2a8888", "#947050", "#6673c4", "#7a7f87"}

func colour(group int) string { return palette[group%len(palette)] }

const (
	pictureWidth  = 960
	pictureHeight = 720
	plotTop       = 64
	plotBottom    = 664
	plotMargin    = 72
)

// A canvas places things on the picture.
type canvas struct {
	bytes.Buffer
	scale  float64
	middle Point
	words  Words
	taken  []box
}

type box struct{ left, top, right, bottom float64 }

func (b box) overlaps(c box) bool {
	return b.left < c.right && c.left < b.right && b.top < c.bottom && c.top < b.bottom
}

// SVG draws the result.
func (r *Result) SVG(w io.Writer, p Picture) error {
	if p.Words.Group == nil {
		p.Words = English()
	}
	c := &canvas{words: p.Words}
	c.fit(r)
	marks := c.marks(r)
	grouped := 0
	for _, g := range r.Groups {
		grouped += g.Size
	}
	id := p.ID
	if id == "" {
		id = "opinion-map"
	}
	c.printf(`<svg xmlns="http://www.w3.org/2000/svg" class="opinion-map" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title %s-desc" lang="%s" direction="%s">`,
		pictureWidth, pictureHeight, escape(id), escape(id), escape(p.Words.Lang), escape(p.Words.Dir))
	if p.Standalone {
		c.printf("\n<style>%s</style>", Style)
	}
	title := p.Words.Title(len(r.Groups), grouped)
	c.printf("\n<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>", escape(id), escape(title), escape(id), escape(p.Words.Description(len(marks))))
	c.text(c.start(), 32, 22, "start", "600", title)
	if p.Source != "" {
		c.text(c.start(), pictureHeight-14, 14, "start", "400", p.Source)
	}
	for _, m := range marks {
		c.taken = append(c.taken, box{m.x - 4, m.y - 4, m.x + 4, m.y + 4})
	}
	c.axes(r)
	c.groups(r)
	c.statements(marks)
	if p.You != nil {
		x, y := c.at(*p.You)
		c.printf("\n"+`<circle cx="%s" cy="%s" r="9" fill="none" stroke="currentColor" stroke-width="3"/>`, num(x), num(y))
		c.label(x, y, 14, 16, "700", p.Words.You)
	}
	c.printf("\n</svg>\n")
	if _, err := w.Write(c.Bytes()); err != nil {
		return fmt.Errorf("writing opinion map: %w", err)
	}
	return nil
}

func (c *canvas) printf(format string, args ...any) { fmt.Fprintf(c, format, args...) }

// fit chooses the scale so that everyone, or the outer ellipses, fit.
func (c *canvas) fit(r *Result) {
	low, high := Point{}, Point{}
	reach := func(p Point) {
		low = Point{min(low.X, p.X), min(low.Y, p.Y)}
		high = Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	for _, g := range r.Groups {
		e := g.Extent
		w := e.Most * math.Hypot(e.Long.X, e.Short.X)
		h := e.Most * math.Hypot(e.Long.Y, e.Short.Y)
		reach(Point{g.Centre.X - w, g.Centre.Y - h})
		reach(Point{g.Centre.X + w, g.Centre.Y + h})
	}
	for _, b := range r.BaseClusters {
		reach(b.Place)
	}
	wide, tall := high.X-low.X, high.Y-low.Y
	c.scale = min((pictureWidth-2*plotMargin)/max(wide, 1e-9), (plotBottom-plotTop-2*24)/max(tall, 1e-9))
	if wide == 0 && tall == 0 {
		c.scale = 1
	}
	c.middle = Point{(low.X + high.X) / 2, (low.Y + high.Y) / 2}
}

// at gives the place of a point on the picture, where y grows downwards.
func (c *canvas) at(p Point) (x, y float64) {
	return pictureWidth/2 + (p.X-c.middle.X)*c.scale, (plotTop+plotBottom)/2 - (p.Y-c.middle.Y)*c.scale
}

// start is where a line of text begins.
func (c *canvas) start() float64 {
	if c.words.Dir == "rtl" {
		return pictureWidth - 24
	}
	return 24
}

func (c *canvas) text(x, y, size float64, anchor, weight, s string) {
	c.printf("\n"+`<text x="%s" y="%s" font-size="%s" font-weight="%s" text-anchor="%s" fill="currentColor">%s</text>`,
		num(x), num(y), num(size), weight, anchor, escape(s))
}

// axes draws the two axes through the middle of all votes.
func (c *canvas) axes(r *Result) {
	x, y := c.at(Point{})
	if r.Axes[0].Share > 0 {
		c.printf("\n"+`<line x1="24" y1="%s" x2="%d" y2="%s" stroke="currentColor" stroke-opacity=".3"/>`, num(y), pictureWidth-24, num(y))
		s := c.words.AxisShare(0, c.words.Share(r.Axes[0].Share))
		c.text(c.end(), y-6, 13, "end", "400", s)
		left, wide := c.end(), width(s, 13)
		if c.words.Dir != "rtl" {
			left -= wide
		}
		c.taken = append(c.taken, box{left, y - 20, left + wide, y - 2})
	}
	if r.Axes[1].Share > 0 {
		c.printf("\n"+`<line x1="%s" y1="%d" x2="%s" y2="%d" stroke="currentColor" stroke-opacity=".3"/>`, num(x), plotTop, num(x), plotBottom)
		c.text(x, plotTop-6, 13, "middle", "400", c.words.AxisShare(1, c.words.Share(r.Axes[1].Share)))
	}
}

func (c *canvas) end() float64 { return pictureWidth - c.start() }

// groups draws neighbourhoods, ellipses and the names of the groups.
func (c *canvas) groups(r *Result) {
	for _, b := range r.BaseClusters {
		x, y := c.at(b.Place)
		c.printf("\n"+`<circle cx="%s" cy="%s" r="%s" fill="%s" fill-opacity=".35"/>`, num(x), num(y), num(3*math.Sqrt(float64(b.Size))), colour(b.Group))
	}
	for _, g := range r.Groups {
		x, y := c.at(g.Centre)
		e := g.Extent
		turn := -math.Atan2(e.Long.Y, e.Long.X) * 180 / math.Pi
		for i, radius := range []float64{e.Half, e.Most} {
			style := `fill-opacity=".12" stroke-width="2"`
			if i == 1 {
				style = `fill-opacity="0" stroke-width="1.5" stroke-dasharray="6 5"`
			}
			c.printf("\n"+`<ellipse rx="%s" ry="%s" transform="translate(%s %s) rotate(%s)" fill="%s" stroke="%s" %s/>`,
				num(max(radius*e.Long.length()*c.scale, 6)), num(max(radius*e.Short.length()*c.scale, 6)), num(x), num(y), num(turn), colour(g.ID), colour(g.ID), style)
		}
	}
	for _, g := range r.Groups {
		x, y := c.at(g.Centre)
		e := g.Extent
		top := y - e.Most*math.Hypot(e.Long.Y, e.Short.Y)*c.scale
		c.label(x, max(top, plotTop+14), 10, 17, "700", c.words.Group(g.ID)+" · "+c.words.People(g.Size))
	}
}

// A mark is a statement that is drawn.
type mark struct {
	s      *StatementResult
	x, y   float64
	groups []int // whom it represents
}

// marks chooses the statements to draw: those of the lists. Their places have
// a scale of their own, so that the outermost lies at the rim.
func (c *canvas) marks(r *Result) []mark {
	var ids []StatementID
	groups := map[StatementID][]int{}
	for _, g := range r.Groups {
		for _, x := range g.Representative {
			ids = append(ids, x.Statement)
			groups[x.Statement] = append(groups[x.Statement], g.ID)
		}
	}
	ids = slices.Concat(ids, r.GroupAware.Agree, r.GroupAware.Disagree, r.Consensus.Agree, r.Consensus.Disagree)
	slices.SortFunc(ids, compareIDs)
	ids = slices.Compact(ids)
	var out []mark
	left, right, down, up := 0.0, 0.0, 0.0, 0.0
	for i := range r.StatementResults {
		s := &r.StatementResults[i]
		if _, listed := slices.BinarySearchFunc(ids, s.ID, compareIDs); listed && !s.Suppressed {
			out = append(out, mark{s: s, groups: groups[s.ID]})
			left, right = max(left, -s.Place.X), max(right, s.Place.X)
			down, up = max(down, -s.Place.Y), max(up, s.Place.Y)
		}
	}
	x, y := c.at(Point{})
	scale := math.Inf(1)
	for _, room := range [][2]float64{{x - plotMargin, left}, {pictureWidth - plotMargin - x, right}, {plotBottom - 16 - y, down}, {y - plotTop - 16, up}} {
		if room[1] > 0 {
			scale = min(scale, max(room[0], 40)/room[1])
		}
	}
	if math.IsInf(scale, 1) {
		scale = 0
	}
	for i := range out {
		p := out[i].s.Place
		out[i].x, out[i].y = x+p.X*scale, y-p.Y*scale
	}
	return out
}

// statements draws the marks and their numbers.
func (c *canvas) statements(marks []mark) {
	for _, m := range marks {
		fill := "currentColor"
		if len(m.groups) == 1 {
			fill = colour(m.groups[0])
		}
		name := string(m.s.ID)
		if m.s.Text != "" {
			name += ". " + m.s.Text
		}
		c.printf("\n"+`<g><title>%s</title><rect x="%s" y="%s" width="8" height="8" fill="%s"/>`, escape(name), num(m.x-4), num(m.y-4), fill)
		c.label(m.x, m.y, 7, 13, "400", short(string(m.s.ID)))
		c.printf("</g>")
	}
}

// label writes a text beside a place where it covers no other; where it must
// cover one, it is left out, and the table still has it.
func (c *canvas) label(x, y, gap, size float64, weight, s string) {
	wide := width(s, size)
	high := size * 1.1
	for _, at := range []struct{ x, y float64 }{
		{x, y - gap - high/2}, {x + gap + wide/2, y}, {x - gap - wide/2, y}, {x, y + gap + high/2},
		{x + gap + wide/2, y - high}, {x - gap - wide/2, y - high}, {x + gap + wide/2, y + high}, {x - gap - wide/2, y + high},
		{x, y - gap - high*3/2}, {x, y + gap + high*3/2},
	} {
		b := box{at.x - wide/2, at.y - high/2, at.x + wide/2, at.y + high/2}
		if b.left < 0 || b.right > pictureWidth || b.top < plotTop-high || b.bottom > pictureHeight ||
			slices.ContainsFunc(c.taken, b.overlaps) {
			continue
		}
		c.taken = append(c.taken, b)
		c.text(at.x, at.y+size*0.36, size, "middle", weight, s)
		return
	}
}

// width guesses how wide a text is drawn; no font is at hand.
func width(s string, size float64) float64 { return 0.6 * size * float64(utf8.RuneCountInString(s)) }

// short cuts a long identifier.
func short(s string) string {
	if r := []rune(s); len(r) > 8 {
		return string(r[:7]) + "…"
	}
	return s
}

// num writes a coordinate with at most two digits after the point.
func num(x float64) string {
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
}

// escape makes text safe in XML, whatever it holds.
func escape(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}
