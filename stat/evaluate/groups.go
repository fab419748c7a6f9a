package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// ControlGroup says with whom treated units are compared.
type ControlGroup string

const (
	NeverTreated  ControlGroup = "never"  // with units that are never treated
	NotYetTreated ControlGroup = "notyet" // with these, and with units while they are not yet treated
)

// GroupOptions are the choices of a difference-in-differences.
type GroupOptions struct {
	Control ControlGroup // "" stands for NeverTreated
	// Anticipation is the number of periods before treatment in which it may
	// already have an effect.
	Anticipation int
	// Universal compares all periods with the last one before treatment;
	// otherwise periods before treatment are compared with the one before
	// them.
	Universal bool
	// Weights are the multipliers of the bootstrap: "mammen" (the usual),
	// "rademacher" or "webb".
	Weights string
}

// GroupDetail tells of groups and their effects.
type GroupDetail struct {
	Treatment    string       `json:"treatment"`
	Control      ControlGroup `json:"control"`
	Groups       []GroupSize  `json:"groups"`
	Never        int          `json:"never_treated"`
	Clusters     int          `json:"clusters"`
	Effects      []Effect     `json:"effects"`  // of each group in each period
	Dynamic      []Effect     `json:"dynamic"`  // by time since treatment
	ByGroup      []Effect     `json:"by_group"` // by period of first treatment
	ByPeriod     []Effect     `json:"by_period"`
	PreTrends    []Test       `json:"pre_trends"`
	BandWeights  string       `json:"band_weights,omitempty"`
	logarithmic  bool
	outcome      string
	anticipation int
}

// GroupSize is a group of units first treated in the same period.
type GroupSize struct {
	First string `json:"first"`
	Units int    `json:"units"`
}

// Effect is an average effect on the treated.
type Effect struct {
	Group      string    `json:"group,omitempty"`
	Period     string    `json:"period,omitempty"`
	Since      *int      `json:"since,omitempty"` // periods since first treatment
	Base       string    `json:"base,omitempty"`  // period compared with
	Before     bool      `json:"before"`          // before treatment: no effect is expected
	Treated    int       `json:"treated,omitempty"`
	Controls   int       `json:"controls,omitempty"`
	Estimate   *float64  `json:"estimate"`
	SE         *float64  `json:"se"`
	P          *float64  `json:"p"`
	Interval95 *Interval `json:"interval95"` // for this effect alone
	Band95     *Interval `json:"band95"`     // for all effects of the list together
	Problem    string    `json:"problem,omitempty"`
}

const (
	minClusters       = 20
	minTreatedUnits   = 5
	maxIncomplete     = 0.2 // share of units that may lack a period
	preTrendThreshold = 0.05
	maxMultipliers    = 4e9
)

// study is a panel prepared for group-time effects: units with all periods.
type study struct {
	units     []int       // numbers of the units kept
	names     []string    // of all units
	first     []int       // by kept unit: period of first treatment, never for none
	cluster   []int       // by kept unit
	clusters  int         // number of clusters
	periods   []int       // those observed, ascending
	y         [][]float64 // by kept unit and period
	x         [][][]float64
	covariate []string
	label     func(int) string
	// incomplete is the number of units left out because they lack a period.
	incomplete int
}

const never = math.MaxInt

// groups evaluates a difference-in-differences.
func (a *analysis) groups(ctx context.Context) error {
	o := &a.Groups
	if o.Control == "" {
		o.Control = NeverTreated
	}
	if o.Weights == "" {
		o.Weights = "mammen"
	}
	switch {
	case o.Control != NeverTreated && o.Control != NotYetTreated:
		return fmt.Errorf("there is no control group %q; choose never or notyet", o.Control)
	case o.Weights != "mammen" && o.Weights != "rademacher" && o.Weights != "webb":
		return fmt.Errorf("there are no multipliers %q; choose mammen, rademacher or webb", o.Weights)
	case o.Anticipation < 0 || o.Anticipation > 1000:
		return fmt.Errorf("the number of periods of anticipation is %d; give 0 or more", o.Anticipation)
	}
	if err := a.refuseTerms("mean", "at", "harmonics"); err != nil {
		return err
	}
	if len(a.formula.Offsets) > 0 {
		return &FormulaError{Position: a.formula.Offsets[0].Position, Problem: "a difference-in-differences has no offset", Advice: "divide the outcome by it: (y/pop) ~ …"}
	}
	st, treatment, err := a.study()
	if err != nil {
		return err
	}
	name := treatment.Name
	if treatment.Op == "group" {
		name = "treatment (" + treatment.Args[0].Name + ")"
	}
	d := &GroupDetail{Treatment: name, Control: o.Control, Clusters: st.clusters, logarithmic: a.formula.Response.Op == "log", outcome: a.formula.Response.String(), anticipation: o.Anticipation}
	a.report.Groups = d
	for _, g := range st.groupList() {
		n := 0
		for _, f := range st.first {
			if f == g {
				n++
			}
		}
		d.Groups = append(d.Groups, GroupSize{st.label(g), n})
	}
	for _, f := range st.first {
		if f == never {
			d.Never++
		}
	}
	if err := st.check(o.Control, d.Never); err != nil {
		return err
	}
	methods := []Method{a.Method}
	if a.Method == All {
		methods = []Method{DoublyRobust, Outcome, Probability}
		if len(st.covariate) == 0 {
			methods = methods[:1]
		}
	}
	for i, m := range methods {
		if err := a.groupEffects(ctx, st, m, i == 0); err != nil {
			return err
		}
	}
	if len(d.Groups) == 1 && len(st.covariate) == 0 && d.Never > 0 {
		r, err := a.twoByTwo(ctx, st)
		if err != nil {
			return err
		}
		a.report.Results = append(a.report.Results, r)
	}
	return nil
}

// study reads the panel and leaves out units that cannot be used.
func (a *analysis) study() (*study, Expr, error) {
	s, names, err := a.panel()
	if err != nil {
		return nil, Expr{}, err
	}
	first, treatment, covariates, err := a.treatment(s)
	if err != nil {
		return nil, Expr{}, err
	}
	y, err := s.vector(a.formula.Response)
	if err != nil {
		return nil, Expr{}, err
	}
	columns, err := s.design(&Formula{Terms: covariates}, true)
	if err != nil {
		return nil, Expr{}, err
	}
	st := &study{names: names, label: s.when.label}
	for _, c := range columns[1:] {
		st.covariate = append(st.covariate, c.name)
	}
	seen := map[int]bool{}
	for _, r := range s.rows {
		seen[s.when.index[r]] = true
	}
	for t := range seen {
		st.periods = append(st.periods, t)
	}
	slices.Sort(st.periods)
	if len(names) < 2 {
		return nil, Expr{}, notEstimable("use its for a single series", "there is one unit, %s, and a comparison needs others", names[0])
	}
	if len(st.periods) < 2 {
		return nil, Expr{}, notEstimable("give periods from before and from after the treatment", "there is one period")
	}
	clusterOf, err := a.clusterColumn(s)
	if err != nil {
		return nil, Expr{}, err
	}
	at := map[int]int{}
	for k, t := range st.periods {
		at[t] = k
	}
	always := 0
	clusterNumber := map[int]int{}
	for i := 0; i < len(s.rows); {
		u := s.unit[s.rows[i]]
		values := make([]float64, len(st.periods))
		x := make([][]float64, len(st.periods))
		known := 0
		cluster := clusterOf[s.rows[i]]
		for ; i < len(s.rows) && s.unit[s.rows[i]] == u; i++ {
			if c := clusterOf[s.rows[i]]; c != cluster {
				return nil, Expr{}, &InputError{Row: a.frame.rows[s.rows[i]], Column: a.formula.Clusters[0].Name, Problem: fmt.Sprintf("unit %s changes its cluster", names[u]), Advice: "a unit lies in one cluster in all periods"}
			}
			k := at[s.when.index[s.rows[i]]]
			row := make([]float64, len(columns))
			whole := !math.IsNaN(y[i])
			for j, c := range columns {
				row[j] = c.values[i]
				whole = whole && !math.IsNaN(row[j])
			}
			if whole {
				values[k], x[k] = y[i], row
				known++
			}
		}
		g, treated := first[u]
		if !treated || g > st.periods[len(st.periods)-1] {
			g = never
		}
		switch {
		case known < len(st.periods):
			st.incomplete++
			continue
		case g <= st.periods[0]:
			always++
			continue
		}
		number, ok := clusterNumber[cluster]
		if !ok {
			number = len(clusterNumber)
			clusterNumber[cluster] = number
		}
		st.units, st.first, st.cluster = append(st.units, u), append(st.first, g), append(st.cluster, number)
		st.y, st.x = append(st.y, values), append(st.x, x)
	}
	st.clusters = len(clusterNumber)
	r := a.report
	r.leave("unit", st.incomplete, "they lack the outcome or a covariate in a period")
	r.leave("unit", always, "they are treated from the first period on, so that nothing is known from before")
	if st.incomplete > 0 {
		r.warn("%s left out for lack of a period: whoever drops out may differ from who stays", many(st.incomplete, "unit"))
	}
	r.Data.Units, r.Data.Periods, r.Data.Used = len(st.units), len(st.periods), len(st.units)*len(st.periods)
	return st, treatment, nil
}

// clusterColumn gives each row its cluster: the unit where none is named.
func (a *analysis) clusterColumn(s *scope) ([]int, error) {
	switch len(a.formula.Clusters) {
	case 0:
		return s.unit, nil
	case 1:
		index, _, err := a.frame.readUnits([]string{a.formula.Clusters[0].Name})
		return index, err
	}
	return nil, &FormulaError{Position: a.formula.Clusters[1].Position, Problem: "one cluster is allowed here", Advice: "name the wider one"}
}

// groupList gives the periods in which units are first treated.
func (st *study) groupList() []int {
	var out []int
	for _, g := range st.first {
		if g != never && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	slices.Sort(out)
	return out
}

func (st *study) check(control ControlGroup, neverTreated int) error {
	switch groups := st.groupList(); {
	case len(st.units) == 0:
		return notEstimable("fill the missing values, or end the data where they begin", "no unit has all periods")
	case len(groups) == 0:
		return notEstimable("check the column of the treatment, and whether units treated from the first period on were left out", "no unit becomes treated within the periods of the data")
	case control == NeverTreated && neverTreated == 0 && len(groups) > 1:
		return notEstimable("compare with units that are not yet treated: --control notyet", "every unit is treated at some time, so that there is no never-treated unit to compare with")
	case neverTreated == 0 && len(groups) == 1:
		return notEstimable("add units that are not treated", "all units are treated in the same period, so that there is nothing to compare with")
	}
	return nil
}
