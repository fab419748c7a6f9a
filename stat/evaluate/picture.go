package evaluate

import (
	"fmt"
	"math"
)

// Picture is what a report shows: a chart whose title says the finding, and
// the same as a table of values.
type Picture struct {
	Name   string // of a file: series, effects, gap, paths, coefficients
	Title  string
	Note   string // how to read it
	Source string // line under the picture; empty where nothing is stated
	Twin   Table
	chart  chart
}

// Pictures gives the pictures of the report, the main one first. A report
// without estimates has none.
func (r *Report) Pictures() []Picture {
	if !r.Estimable || len(r.Results) == 0 {
		return nil
	}
	var out []Picture
	switch {
	case r.Series != nil:
		out = append(out, r.seriesPicture())
	case r.Groups != nil:
		out = append(out, r.effectPicture())
	case r.Synthetic != nil:
		out = append(out, r.gapPicture(), r.pathPicture())
	case r.Flows != nil:
		out = append(out, r.coefficientPicture())
	}
	for i := range out {
		out[i].Source = r.About.Source
	}
	return out
}

// shown is the result that pictures show: one that may be published, else the
// first.
func (r *Report) shown() *Result {
	if res := r.chosen(); res != nil {
		return res
	}
	return &r.Results[0]
}

// headline is the finding, marked where it may not be published.
func (r *Report) headline() string {
	res := r.shown()
	text := r.say(res)
	if len(res.Refusals) > 0 {
		text = "Not for publication: " + text
	}
	return text
}

func (r *Report) seriesPicture() Picture {
	res := r.shown()
	p := Picture{Name: "series", Title: r.headline(), Note: fmt.Sprintf("Points: observed. Line: fitted by %s. Dashed: expected without the change, with its 95 %% interval.", res.Method.title())}
	p.Twin = Table{Caption: p.Title, Head: []string{"Period", "observed", "fitted", "expected without", "95 % interval", "effect", "95 % interval"}}
	c := &p.chart
	c.yLabel = r.outcome()
	observed, fitted, without := line{kind: dots}, line{kind: solid}, line{kind: dashed, label: "without the change"}
	area := band{}
	floor := true
	for t, x := range res.Path {
		at := float64(t)
		c.xNames = append(c.xNames, x.Period)
		observed.add(at, x.Observed)
		fitted.add(at, x.Fitted)
		floor = floor && x.Observed >= 0
		row := []string{x.Period, exact(x.Observed), exact(x.Fitted), number(x.Without), span(x.Without95), number(x.Effect), span(x.Effect95)}
		if x.Without != nil {
			without.add(at, *x.Without)
			area.add(at, *x.Without95)
		} else {
			row[3], row[4], row[5], row[6] = "", "", "", ""
		}
		p.Twin.Rows = append(p.Twin.Rows, row)
	}
	c.bands = []band{area}
	c.lines = []line{observed, fitted, without}
	c.zero = floor // an axis of counts begins at zero
	c.mark(float64(r.Series.Before)-0.5, r.change())
	return p
}

func (r *Report) effectPicture() Picture {
	g := r.Groups
	p := Picture{Name: "effects", Title: r.headline(), Note: "Points: average effect on the treated by time since treatment. Thick: 95 % interval of each. Thin: 95 % band of all together."}
	p.Twin = effectTable(p.Title, g.Dynamic)
	p.Twin.Head[0] = "Since treatment"
	c := &p.chart
	c.yLabel, c.xLabel, c.zero, c.zeroLine = "effect on "+g.outcome, "periods since first treatment", true, true
	points := line{kind: dots}
	for _, e := range g.Dynamic {
		if e.Estimate == nil {
			continue
		}
		at := float64(*e.Since)
		points.add(at, *e.Estimate)
		if e.Interval95 != nil {
			c.bars = append(c.bars, bar{at, *e.Interval95, 5})
		}
		if e.Band95 != nil {
			c.bars = append(c.bars, bar{at, *e.Band95, 1.5})
		}
	}
	c.lines = []line{points}
	c.mark(-0.5, "treatment")
	return p
}

// syntheticShown is the fit of the result that is shown.
func (r *Report) syntheticShown() *SyntheticFit {
	m := r.shown().Method
	for i := range r.Synthetic.Fits {
		if r.Synthetic.Fits[i].Method == m {
			return &r.Synthetic.Fits[i]
		}
	}
	return &r.Synthetic.Fits[0]
}

func gapTable(caption string, path []Gap) Table {
	t := Table{Caption: caption, Head: []string{"Period", "treated", "synthetic", "gap", "95 % interval"}}
	for _, g := range path {
		in := ""
		if g.Gap95 != nil {
			in = span(g.Gap95)
		}
		t.Rows = append(t.Rows, []string{g.Period, exact(g.Treated), exact(g.Synthetic), exact(g.Gap), in})
	}
	return t
}

func (r *Report) gapPicture() Picture {
	f := r.syntheticShown()
	p := Picture{Name: "gap", Title: r.headline(), Note: fmt.Sprintf("Line: gap of the treated and their counterpart, by %s, with its 95 %% interval. Grey: the same for donors as if treated.", f.Method.title())}
	p.Twin = gapTable(p.Title, f.Path)
	c := &p.chart
	c.yLabel, c.zero, c.zeroLine = "gap in "+r.outcome(), true, true
	gap, area := line{kind: solid}, band{}
	for t, g := range f.Path {
		c.xNames = append(c.xNames, g.Period)
		gap.add(float64(t), g.Gap)
		if g.Gap95 != nil {
			area.add(float64(t), *g.Gap95)
		}
	}
	for i, other := range f.Placebos {
		if i == 60 {
			break // more would only blacken the picture; the table has all
		}
		grey := line{kind: faint}
		for t, v := range other.gap {
			grey.add(float64(t), v)
		}
		c.lines = append(c.lines, grey)
	}
	c.bands = []band{area}
	c.lines = append(c.lines, gap)
	c.mark(float64(r.Synthetic.Before)-0.5, r.change())
	return p
}

func (r *Report) pathPicture() Picture {
	f := r.syntheticShown()
	p := Picture{Name: "paths", Title: r.headline(), Note: "Line: treated. Dashed: counterpart made of donors, with the 95 % interval of the gap."}
	p.Twin = gapTable(p.Title, f.Path)
	c := &p.chart
	c.yLabel = r.outcome()
	treated, other, area := line{kind: solid, label: "treated"}, line{kind: dashed, label: "synthetic"}, band{}
	floor := true
	for t, g := range f.Path {
		c.xNames = append(c.xNames, g.Period)
		treated.add(float64(t), g.Treated)
		other.add(float64(t), g.Synthetic)
		floor = floor && g.Treated >= 0 && g.Synthetic >= 0
		if g.Gap95 != nil {
			area.add(float64(t), Interval{g.Treated - g.Gap95[1], g.Treated - g.Gap95[0]})
		}
	}
	c.zero = floor
	c.bands, c.lines = []band{area}, []line{treated, other}
	c.mark(float64(r.Synthetic.Before)-0.5, r.change())
	return p
}

func (r *Report) coefficientPicture() Picture {
	res := r.shown()
	p := Picture{Name: "coefficients", Title: r.headline(), Note: "Points: coefficients, logarithms of ratios, with their 95 % intervals. A change of one in the term goes with a change of the outcome by the ratio in the table."}
	p.Twin = res.termTable()
	p.Twin.Caption = p.Title
	c := &p.chart
	c.sideways, c.zero, c.zeroLine = true, true, true
	c.yLabel = "coefficient"
	points := line{kind: dots}
	for _, x := range res.Terms {
		if x.Term == interceptName || len(c.xNames) == 40 {
			continue
		}
		at := float64(len(c.xNames))
		c.xNames = append(c.xNames, x.Term)
		points.add(at, x.Estimate)
		if !math.IsInf(x.Interval95[0], 0) {
			c.bars = append(c.bars, bar{at, x.Interval95, 5})
		}
	}
	c.lines = []line{points}
	return p
}
