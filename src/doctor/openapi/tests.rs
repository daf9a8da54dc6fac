use serde_json::json;

use super::*;

#[test]
fn version_3_is_read_with_its_references() {
    let document = json!({
        "openapi": "3.0.3",
        "servers": [{"url": "https://example.com/api/"}],
        "paths": {"/auth/jwt/create/": {"post": {
            "operationId": "auth_jwt_create_create",
            "requestBody": {"content": {
                "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/TokenObtainPair"}},
                "application/json": {"schema": {"$ref": "#/components/schemas/TokenObtainPair"}}
            }},
            "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/TokenObtainPair"}}}}}
        }}},
        "components": {"schemas": {"TokenObtainPair": {
            "type": "object",
            "properties": {"email": {"writeOnly": true}, "password": {"writeOnly": true}, "access": {"readOnly": true}, "refresh": {"readOnly": true}},
            "required": ["access", "email", "password", "refresh"]
        }}}
    });
    let api = Api::read(&document).unwrap();
    let operation = &api.operations[0];
    assert_eq!(
        (operation.method.as_str(), operation.path.as_str()),
        ("POST", "/api/auth/jwt/create/")
    );
    let body = operation.body.as_ref().unwrap();
    assert!(!body.as_form, "where both are taken, JSON is sent");
    let names: Vec<_> = body.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["email", "password"], "what is only read is not sent");
    assert_eq!(operation.answer, ["/access", "/refresh"], "what is only written is not answered");
}

#[test]
fn version_2_has_its_bodies_among_the_parameters() {
    let document = json!({
        "swagger": "2.0",
        "basePath": "/v1",
        "paths": {
            "/login": {"post": {
                "parameters": [{"in": "body", "name": "dto", "schema": {"$ref": "#/definitions/LoginDto"}}],
                "responses": {"201": {"schema": {"properties": {"data": {"properties": {"token": {"type": "string"}}}}}}}
            }},
            "/token": {"post": {"parameters": [
                {"in": "formData", "name": "grant_type", "required": true, "enum": ["password"]},
                {"in": "formData", "name": "username", "required": true}
            ]}}
        },
        "definitions": {"LoginDto": {"allOf": [{"properties": {"username": {}}, "required": ["username"]}, {"properties": {"password": {}}}]}}
    });
    let api = Api::read(&document).unwrap();
    let login = api.operations.iter().find(|it| it.path == "/v1/login").unwrap();
    let fields = &login.body.as_ref().unwrap().fields;
    assert_eq!((fields[0].name.as_str(), fields[0].required), ("username", true));
    assert_eq!((fields[1].name.as_str(), fields[1].required), ("password", false));
    assert_eq!(login.answer, ["/data/token"]);
    let token = api.operations.iter().find(|it| it.path == "/v1/token").unwrap();
    let body = token.body.as_ref().unwrap();
    assert!(body.as_form);
    assert_eq!(body.fields[0].constant, Some(json!("password")));
}

#[test]
fn a_document_that_leads_in_circles_or_nowhere_is_survived() {
    let circle = json!({
        "openapi": "3.1.0",
        "paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
            "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}},
        "components": {"schemas": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}], "properties": {"next": {"$ref": "#/components/schemas/A"}}}}}
    });
    assert_eq!(Api::read(&circle).unwrap().operations.len(), 1);
    for other in [json!({}), json!([]), json!({"openapi": "3.1.0"}), json!({"paths": {}})] {
        assert_eq!(Api::read(&other), None, "{other}");
    }
}

#[test]
fn a_parameter_stands_for_any_segment() {
    let operation = Operation { path: "/users/{id}/me".to_owned(), ..Operation::default() };
    assert!(operation.is_at("/users/7/me?x=1"));
    assert!(!operation.is_at("/users/7"));
    assert!(!operation.is_at("/users/7/me/"));
}
