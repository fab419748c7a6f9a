package estimate

import "testing"

func TestNumberOfModels(t *testing.T) {
	for _, c := range []struct{ t, order, want int }{
		{2, 2, 1}, {3, 3, 8}, {4, 4, 113}, {5, 5, 6893},
		{3, 2, 8}, {4, 2, 64}, {5, 2, 1024},
	} {
		models := hierarchical(c.t, c.order)
		if len(models) != c.want {
			t.Errorf("%d lists, order %d: %d models, want %d", c.t, c.order, len(models), c.want)
		}
		if n, ok := countHierarchical(c.t, c.order); !ok || n != c.want {
			t.Errorf("%d lists, order %d: counted %d, %v", c.t, c.order, n, ok)
		}
		for i := range models {
			m := models[i]
			for _, term := range m.set.terms() {
				for sub := term; sub > 0; sub = (sub - 1) & term {
					if !m.set.has(sub) {
						t.Fatalf("term %b without %b", term, sub)
					}
				}
			}
			if i > 0 && compareModels(&models[i-1], &m) >= 0 {
				t.Fatalf("models %d and %d are out of order or equal", i-1, i)
			}
		}
	}
	if n, ok := countHierarchical(6, 2); !ok || n != 32_768 {
		t.Errorf("six lists, order 2: %d, %v", n, ok)
	}
	if _, ok := countHierarchical(6, 6); ok {
		t.Error("all models of six lists can be listed")
	}
}

func TestModelName(t *testing.T) {
	tab := mustRead(t, kosovoCSV)
	m, ok := parseModel(tab, [][]string{{"EXH", "ABA", "OSCE"}, {"HRW", "EXH"}})
	if !ok || m.name(tab) != "[EXH*HRW] [EXH*OSCE*ABA]" {
		t.Errorf("%v %s", ok, m.name(tab))
	}
	if m.params() != 1+4+4+1-0 {
		t.Errorf("%d parameters", m.params())
	}
	if _, ok := parseModel(tab, [][]string{{"EXH", "ABA", "OSCE", "HRW"}}); ok {
		t.Error("the interaction of all lists was accepted")
	}
}

func TestNeighbours(t *testing.T) {
	m := mainEffects(3)
	if !m.canAdd(0b011) || m.canAdd(0b111) || m.canRemove(0b001) {
		t.Error("main effects: wrong neighbours")
	}
	m4 := mainEffects(4)
	for _, p := range []int{0b0011, 0b0101, 0b0110} {
		m4.set.add(p)
	}
	if !m4.canAdd(0b0111) {
		t.Error("a triple whose pairs are there cannot be added")
	}
	m4.set.add(0b0111)
	if m4.canRemove(0b0011) || !m4.canRemove(0b0111) {
		t.Error("a pair inside a triple may not go before it")
	}
}
