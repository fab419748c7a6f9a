package opinion

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Text writes the result for a terminal, in English.
func (r *Result) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	words := English()
	fmt.Fprintf(b, "%d participants, %d statements, %d votes\n", r.Participants, r.Statements, r.Votes)
	if r.ModeratedOut > 0 {
		fmt.Fprintf(b, "%d statements are left out by moderation\n", r.ModeratedOut)
	}
	grouped := 0
	for _, g := range r.Groups {
		grouped += g.Size
	}
	fmt.Fprintf(b, "\n%s", words.Title(len(r.Groups), grouped))
	if r.Stability != nil {
		fmt.Fprintf(b, "; %s", words.Stability(*r.Stability, r.Resampling.Resamples))
		fmt.Fprintf(b, ";\n%s of the resamples find the same number of groups (seed %d)", words.Share(r.Resampling.SameK), r.Resampling.Seed)
	}
	b.WriteString(".\n")
	for _, s := range r.Silhouettes {
		fmt.Fprintf(b, "  %2d groups: silhouette %.3f\n", s.K, s.Silhouette)
	}
	for _, g := range r.Groups {
		fmt.Fprintf(b, "\n%s, %s\n", words.Group(g.ID), words.People(g.Size))
		for _, line := range r.apart(g, words) {
			writeLine(b, strings.ToLower(line.Side)+" "+line.Share, line.ID, line.Text)
		}
		if len(g.Subgroups) > 1 {
			fmt.Fprintf(b, "  subgroups of %v\n", g.Subgroups)
		}
	}
	for _, list := range r.lists(words) {
		fmt.Fprintf(b, "\n%s\n", list.Title)
		for _, line := range list.Lines {
			writeLine(b, line.Share, line.ID, line.Text)
		}
	}
	for _, c := range r.Categories {
		fmt.Fprintf(b, "\n%s, %s: %s\n", c.Name, words.People(c.Size), sizes(c.Map.Groups))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(b, "\nNote: %s\n", n.Text)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing opinion report: %w", err)
	}
	return nil
}

func sizes(groups []Group) string {
	if len(groups) == 0 {
		return "no groups can be shown"
	}
	var parts []string
	for _, g := range groups {
		parts = append(parts, fmt.Sprint(g.Size))
	}
	if len(parts) == 1 {
		return "one group of " + parts[0]
	}
	return fmt.Sprintf("%d groups of %s", len(parts), strings.Join(parts, ", "))
}

// writeLine writes a statement on one line, without what could steer a
// terminal.
func writeLine(b *bufio.Writer, share, id, text string) {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == ' ' }), " ")
	if r := []rune(text); len(r) > 100 {
		text = string(r[:99]) + "…"
	}
	fmt.Fprintf(b, "  %-20s %6s  %s\n", share, id, text)
}
