package mechanism

// States are the states of one process; it begins in the first.
type States []State

// Find finds a state.
func (s States) Find(id string) (State, bool) {
	return find(s, id, func(s State) string { return s.ID })
}

// Allows reports whether the process may go from one state to the other.
func (s States) Allows(from, to string) bool {
	state, _ := s.Find(from)
	for _, next := range state.Next {
		if next == to {
			return true
		}
	}
	return false
}

// WorkingGroup finds a working group.
func (m *Mechanism) WorkingGroup(id string) (WorkingGroup, bool) {
	return find(m.WorkingGroups, id, func(g WorkingGroup) string { return g.ID })
}

// Role finds a role.
func (m *Mechanism) Role(id string) (Role, bool) {
	return find(m.Roles, id, func(r Role) string { return r.ID })
}

// Need finds a need.
func (m *Mechanism) Need(id string) (Need, bool) {
	return find(m.Needs, id, func(n Need) string { return n.ID })
}

// CountKind finds a count kind.
func (m *Mechanism) CountKind(id string) (CountKind, bool) {
	return find(m.CountKinds, id, func(k CountKind) string { return k.ID })
}

// CountSubject finds a count subject.
func (m *Mechanism) CountSubject(id string) (Term, bool) {
	return find(m.CountSubjects, id, func(t Term) string { return t.ID })
}

func find[T any](list []T, id string, of func(T) string) (T, bool) {
	for _, item := range list {
		if of(item) == id {
			return item, true
		}
	}
	var none T
	return none, false
}
