// Package jsonschema makes JSON schemas of structs and holds JSON text against them.
package jsonschema

import (
	"reflect"
	"strings"
)

// Schema is a JSON schema (draft 2020-12), as far as internal/jsonout needs one.
type Schema struct {
	Schema      string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        string             `json:"type,omitempty"`
	Const       string             `json:"const,omitempty"`
	Minimum     *int               `json:"minimum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	// Additional is false for the structs here, and nil for maps.
	Additional *bool     `json:"additionalProperties,omitempty"`
	Items      *Schema   `json:"items,omitempty"`
	OneOf      []*Schema `json:"oneOf,omitempty"`
}

// Of makes the schema of a struct.
func Of(v any, title string) *Schema {
	s := schemaOf(reflect.TypeOf(v))
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", title
	return s
}

func schemaOf(t reflect.Type) *Schema {
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.String:
		return &Schema{Type: "string"}
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.Float64:
		return &Schema{Type: "number"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &Schema{Type: "integer"}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &Schema{Type: "integer", Minimum: new(int)}
	case reflect.Slice:
		return &Schema{Type: "array", Items: schemaOf(t.Elem())}
	case reflect.Map:
		return &Schema{Type: "object"}
	case reflect.Struct:
		return structSchema(t)
	}
	return &Schema{}
}

func structSchema(t reflect.Type) *Schema {
	s := &Schema{Type: "object", Properties: map[string]*Schema{}, Additional: new(bool)}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("oneof") != "" {
			s.OneOf = append(s.OneOf, schemaOf(f.Type))
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := schemaOf(f.Type)
		p.Description, p.Const = f.Tag.Get("doc"), f.Tag.Get("const")
		if p.Type == "string" && strings.Contains(p.Description, "hexadecimal") {
			p.Pattern = "^0x[0-9a-f]+$"
		}
		s.Properties[name] = p
		if options != "omitempty" {
			s.Required = append(s.Required, name)
		}
	}
	if s.OneOf != nil {
		return &Schema{OneOf: s.OneOf}
	}
	return s
}
