package evaluate

import (
	"encoding/json"
	"fmt"
	"io"
)

// Report is the honest report of an evaluation: the finding in a sentence, the
// data (1), the model (2), the estimates of several methods side by side (3),
// how the standard errors were made (4), tests of what is taken for granted
// (5), what happens when something is left out (6), what may be published (7),
// assumptions (8), and what is needed to compute it again (9).
type Report struct {
	Design    Design `json:"design"`
	Formula   string `json:"formula"`
	Estimable bool   `json:"estimable"`
	Reason    string `json:"reason,omitempty"` // why nothing is estimable
	// Finding is what may be quoted; empty where nothing may be published.
	Finding  string   `json:"finding,omitempty"`
	Results  []Result `json:"results"`
	Warnings []string `json:"warnings"`

	Data      Data             `json:"data"`
	Series    *SeriesDetail    `json:"series,omitempty"`
	Groups    *GroupDetail     `json:"groups,omitempty"`
	Synthetic *SyntheticDetail `json:"synthetic,omitempty"`
	Flows     *FlowDetail      `json:"flows,omitempty"`

	About       About        `json:"about"`
	Assumptions []Assumption `json:"assumptions"`
	Provenance  Provenance   `json:"provenance"`
}

// Data is the account of the rows.
type Data struct {
	Rows    int      `json:"rows"` // of the file
	Used    int      `json:"used"`
	Left    []Left   `json:"left_out"` // rows or units not used, and why
	Periods int      `json:"periods,omitempty"`
	First   string   `json:"first,omitempty"`
	Last    string   `json:"last,omitempty"`
	Time    string   `json:"time,omitempty"` // column of the periods
	Units   int      `json:"units,omitempty"`
	Notes   []string `json:"notes,omitempty"` // how the data were read
}

// Left is a number of rows or units that were left out.
type Left struct {
	What   string `json:"what"`
	Number int    `json:"number"`
	Why    string `json:"why"`
}

// Assumption is something that the design takes for granted.
type Assumption struct {
	Name     string `json:"name"`
	Meaning  string `json:"meaning"`
	Evidence string `json:"evidence"`
}

// Provenance is what is needed to compute the report again.
type Provenance struct {
	Version   string            `json:"version,omitempty"`
	Seed      uint64            `json:"seed"`
	Resamples int               `json:"resamples"`
	Settings  map[string]string `json:"settings"` // choices by name
	Hash      string            `json:"data_sha256"`
}

func newReport(data *Frame, f *Formula, o Options) *Report {
	return &Report{
		Design: o.Design, Formula: f.String(), Estimable: true, Results: []Result{}, Warnings: []string{}, About: o.About,
		Data:       Data{Rows: data.Len(), Left: []Left{}},
		Provenance: Provenance{Version: o.Version, Seed: o.Seed, Resamples: o.Resamples, Settings: map[string]string{}, Hash: data.Hash()},
	}
}

func (r *Report) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

func (r *Report) leave(what string, number int, why string) {
	if number > 0 {
		r.Data.Left = append(r.Data.Left, Left{what, number, why})
	}
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}
