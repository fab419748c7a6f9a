package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"rostrum.example/stat/evaluate"
)

var evaluateCommand = &command{
	name:     "evaluate",
	synopsis: "its|did|synth|ppml DATA.csv --formula FORMULA [--method METHOD] [--boot N] [--seed N] [--picture FILE.svg]",
	summary:  "what changed, and what goes with it: time series, groups, synthetic controls, flows",
	help: `
Estimates what a change did to an outcome, or what an outcome goes with, and reports it with its standard errors by
name, tests, what was left out, assumptions, and the reasons why a number may not be published. A number is computed
all the same.

  its    one series before and after a change:   "deaths ~ t + law + since(law) + harmonics(2)"
  did    units treated at different times:       "cases ~ treated + covariates | unit + period"
  synth  one or few treated units:               "cases ~ treated | unit + period"
  ppml   counts or flows that go with something: "flow ~ conflict + log(wage) + cluster(origin) | origin + year"

A formula is "outcome ~ terms | fixed effects". Terms are columns, calculations in parentheses, log(x), sqrt(x), x^2,
a:b, a*b, factor(x), offset(log(pop)), lag(x, k), cluster(x). since(x) counts the periods since x became 1 and is 0 at
the first one; harmonics(k, period) are k pairs of waves; t is the number of the period where no column is called t.
For did, group(x) names the column with the period of first treatment; for synth, mean(x, from, to) and at(x, period)
are predictors. Names with spaces stand between backquotes.

Methods of its: ols, newey-west, quasi-poisson, poisson-newey-west, prais-winsten, ml, reml; of did: dr, or, ipw; of
synth: control, differences, two-way. Without --method those that fit the data are shown side by side.

Exit code 1: not estimable.

example:
  rostrum evaluate its deaths.csv --formula "log(deaths) ~ t + law + since(law) + harmonics(2)" --picture deaths.svg
`,
	run: func(ctx context.Context, c *call, args []string) error {
		o := evaluate.Options{Version: version()}
		c.StringVar(&o.Formula, "formula", "", "`FORMULA`: outcome ~ terms | fixed effects")
		method := c.String("method", "", "`METHOD` within the design")
		c.StringVar(&o.Time, "time", "", "`COL` of the periods; - takes the rows in order")
		unit := c.String("unit", "", "`COLS` that make a unit, separated by commas")
		c.IntVar(&o.Resamples, "boot", 1000, "`N` resamples for bands, random placebos and bootstraps; 0 leaves bands out")
		c.Uint64Var(&o.Seed, "seed", 1, "`N` that the resamples are drawn from")
		c.BoolVar(&o.Student, "student", false, "Student's t instead of the normal distribution")
		lag := c.String("lag", "", "its: `LAG` of Newey-West: a number, plug-in, stock-watson, newey-west-1994 or andrews (default: one cycle with harmonics, else plug-in)")
		c.BoolVar(&o.Series.Small, "small", false, "its: multiply Newey-West covariances by n/(n-k)")
		c.IntVar(&o.Series.Order, "order", 1, "its: `N` autoregressive coefficients")
		c.StringVar(&o.Series.Change, "change", "", "its: `COL` whose step is judged (default: the first one)")
		control := c.String("control", "never", "did: compare with units `never` treated, or notyet treated")
		c.IntVar(&o.Groups.Anticipation, "anticipation", 0, "did: `N` periods before treatment in which it may have an effect")
		c.BoolVar(&o.Groups.Universal, "universal", false, "did: compare every period with the last one before treatment")
		c.StringVar(&o.Groups.Weights, "multipliers", "mammen", "did: `KIND` of multipliers of the bands: mammen, rademacher or webb")
		c.StringVar(&o.Synthetic.Inference, "inference", "placebo", "synth: `KIND` of standard error: placebo, jackknife or bootstrap")
		c.StringVar(&o.Flows.Factor, "factor", "g", "ppml: `KIND` of small-sample factor: g, cr1 or none")
		c.StringVar(&o.About.Outcome, "outcome", "", "`WORDS` for the outcome, in the finding and on pictures")
		c.StringVar(&o.About.Change, "what", "", "`WORDS` for what changed")
		c.StringVar(&o.About.Place, "place", "", "`WORDS` for where")
		c.StringVar(&o.About.Source, "source", "", "`WORDS` for the source of the data and its date")
		picture := c.String("picture", "", "`FILE` for the picture, SVG")
		table := c.String("table", "", "`FILE` for the values of the picture, CSV")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 2 {
			return usagef("name a design (its, did, synth or ppml) and one file of data")
		}
		if o.Design, err = evaluate.ParseDesign(words[0]); err != nil {
			return usagef("%v", err)
		}
		if o.Formula == "" {
			return usagef("say what is explained by what: --formula \"outcome ~ terms\"")
		}
		if o.Method, err = evaluate.ParseMethod(o.Design, *method); err != nil {
			return usagef("%v", err)
		}
		if o.Series.Lag, err = evaluate.ParseLag(*lag); err != nil {
			return usagef("%v", err)
		}
		o.Unit, o.Groups.Control = columns(*unit), evaluate.ControlGroup(*control)
		in, done, err := c.openInput(words[1])
		if err != nil {
			return err
		}
		defer done()
		data, err := evaluate.Read(in)
		if err != nil {
			return bad(fmt.Errorf("%s: %w; nothing was estimated", words[1], err))
		}
		o.Progress = func(_ string, done, total int) { c.progress(int64(done), int64(total)) }
		report, err := evaluate.Evaluate(ctx, data, o)
		if err != nil {
			return evaluationError(words[1], err)
		}
		if err := drawn(report, *picture, *table); err != nil {
			return err
		}
		if c.json {
			err = report.WriteJSON(c.stdout)
		} else {
			err = report.WriteText(c.stdout)
		}
		if err != nil {
			return environment(err)
		}
		if !report.Estimable {
			return silent(exitNo)
		}
		return nil
	},
}

// evaluationError sorts an error of the engine: the formula, the data, or the other words of the call.
func evaluationError(name string, err error) error {
	var formula *evaluate.FormulaError
	var input *evaluate.InputError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &formula):
		return usagef("%v", err)
	case errors.As(err, &input):
		return bad(fmt.Errorf("%s: %w; nothing was estimated", name, err))
	}
	return usagef("%v", err)
}

// drawn writes the main picture and its table, where there is one.
func drawn(report *evaluate.Report, picture, table string) error {
	pictures := report.Pictures()
	if len(pictures) == 0 {
		return nil
	}
	if picture != "" {
		if err := writeWhole(picture, func(w io.Writer) error { return pictures[0].SVG(w, evaluate.Drawing{Standalone: true}) }); err != nil {
			return classify(err)
		}
	}
	if table != "" {
		if err := writeWhole(table, pictures[0].Twin.CSV); err != nil {
			return classify(err)
		}
	}
	return nil
}
