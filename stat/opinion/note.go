package opinion

import "fmt"

// notes says what limits the map.
func (r *Result) notes() []Note {
	var notes []Note
	add := func(code, format string, args ...any) {
		notes = append(notes, Note{code, fmt.Sprintf(format, args...)})
	}
	switch {
	case r.Participants == 0:
		add("no_votes", "There are no votes yet, so there is nothing to map.")
	case r.Participants == 1:
		add("one_participant", "Only one participant has voted. Groups need at least two.")
	case len(r.Groups) < 2:
		add("one_group", "Nothing sets the participants apart, so all of them form one group.")
	}
	if r.Statements == 1 {
		add("one_statement", "Only one statement was voted on, so the map has one axis.")
	}
	if r.Axes[0].Share > 0 && r.Axes[1].Share == 0 && r.Statements > 1 {
		add("one_axis", "The votes differ along one line only, so the second axis of the map is empty.")
	}
	if a, b := r.Axes[0].Share, r.Axes[1].Share; b > 0 && a-b < a*1e-6 {
		add("equal_axes", "The two axes explain equally much, so their directions are arbitrary.")
	}
	if left := r.Participants - r.Grouped; left > 0 {
		add("too_few_votes", "%d of %d participants cast too few votes to stand in a group; their votes count in everything else.", left, r.Participants)
	}
	if r.Grouped > 0 && r.Grouped < fewPeople {
		add("few_participants", "Fewer than %d participants stand on the map; read groups with great care.", fewPeople)
	}
	if r.Stability != nil && *r.Stability < 0.6 {
		add("unstable", "When one participant in five is left out at random, the groups change much (stability %.2f). Do not build on them.", *r.Stability)
	}
	return notes
}
