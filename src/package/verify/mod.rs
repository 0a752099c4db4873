#[derive(serde::Serialize)]
pub struct Problem {
    pub code: &'static str,
    pub subject: String,
    pub what: String,
    pub meaning: String,
}
#[derive(serde::Serialize)]
pub struct Verification {
    pub problems: Vec<Problem>,
}
pub fn verify(_: &std::path::Path, _: &dyn crate::progress::Progress) -> crate::Result<Verification> {
    Ok(Verification { problems: vec![] })
}
