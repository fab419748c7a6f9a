package dialogue

import "rostrum.example/internal/locale"

// Vocabulary is what the mechanism's preset calls things. The wing knows no working group, need or kind of
// count by itself.
type Vocabulary struct {
	Mechanism  string
	Name       Words
	Groups     []string // working groups in the preset's order
	GroupNames map[string]Words
	Needs      map[string]Words
	CountKinds map[string]Words // what is counted: organisations that attended, persons registered, …
	CountOf    map[string]Words // of whom: NGOs, academia, governments, …
}

// say gives a word of the vocabulary in a language; an id that the preset does not know stands for itself.
func say(words map[string]Words, id string, l locale.Lang) string {
	w, ok := words[id]
	if !ok {
		return id
	}
	wording, _ := w.In(l)
	return wording.Text
}
