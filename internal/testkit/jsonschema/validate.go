package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Validate tells where a JSON text does not fit the schema. Tests hold what gperf prints against it.
func (s *Schema) Validate(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows the object")
	}
	return s.check("", v)
}

func (s *Schema) check(at string, v any) error {
	if s.OneOf != nil {
		var errs []error
		for _, o := range s.OneOf {
			err := o.check(at, v)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}
	wrong := func() error { return fmt.Errorf("%s: %v is no %s", at, v, s.Type) }
	switch s.Type {
	case "string":
		t, ok := v.(string)
		if !ok || s.Const != "" && t != s.Const || s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(t) {
			return fmt.Errorf("%s: %v is no string like %s%s", at, v, s.Const, s.Pattern)
		}
	case "integer":
		n, ok := v.(json.Number)
		if !ok || strings.ContainsAny(n.String(), ".eE") || s.Minimum != nil && strings.HasPrefix(n.String(), "-") {
			return wrong()
		}
	case "number":
		if _, ok := v.(json.Number); !ok {
			return wrong()
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return wrong()
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			return wrong()
		}
		for i, e := range list {
			if err := s.Items.check(at+"["+strconv.Itoa(i)+"]", e); err != nil {
				return err
			}
		}
	case "object":
		return s.checkObject(at, v)
	}
	return nil
}

func (s *Schema) checkObject(at string, v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %v is no object", at, v)
	}
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			return fmt.Errorf("%s: %q is missing", at, name)
		}
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p := s.Properties[name]
		if p == nil {
			if s.Additional != nil && !*s.Additional {
				return fmt.Errorf("%s: %q is not in the schema", at, name)
			}
			continue
		}
		if err := p.check(at+"."+name, object[name]); err != nil {
			return err
		}
	}
	return nil
}
